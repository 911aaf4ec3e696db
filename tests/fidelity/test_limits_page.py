"""The page on the limits of the embedded server says what the ledger, the deviations and the recordings say today."""

import pytest

from tests.fidelity import ledger, limits_page
from tests.fidelity.limits_page import BEGIN, END, PAGE, table, updated


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == updated(page), "run `make docs` and commit the page"


def test_every_tag_and_every_deviation_stands_in_it() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [tag for tag in ledger.tags() if f"\n| {tag} | " not in page] == []
    assert [reason for reason in ledger.deviations().values() if reason not in page] == []


def test_what_stands_around_the_tables_stays() -> None:
    page = updated(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        updated("nothing")


def test_a_step_that_differs_never_rounds_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "recorded", lambda: {"tag/one": ledger.Score(100_000, 100_000, 100_000, 99_999)})

    assert next(iter(limits_page.replays())) == ("tag", "1", "100000", "all", "all", "all but 1")


def test_an_operation_that_answers_501_only_at_times_is_not_called_missing() -> None:
    rows = {name: (purpose, when) for name, purpose, when in limits_page.not_done()}

    assert rows["`voidInvoiceAction`"][1] == "always"
    assert rows["`getSubscription`"][1].startswith("at times: ")


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert table(("a",), [("one | two",)]).splitlines()[-1] == "| one / two |"
