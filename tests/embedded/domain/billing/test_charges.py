"""Charges and their runs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from devkit.embedded.domain.billing import charges
from devkit.embedded.domain.errors import InternalFailure

START, MIDDLE, END = "2025-01-01T00:00:00Z", "2025-01-16T00:00:00Z", "2025-02-01T00:00:00Z"


def charge(*runs: dict[str, Any]) -> dict[str, Any]:
    line = {"currency": "USD", "featureKey": "tokens", "period": {"from": START, "to": END}}
    return charges.new(line, "customer", "feature", id_="charge", now=START) | {"runs": list(runs)}


def run(line_id: str, to: str, **changes: Any) -> dict[str, Any]:
    return {
        "lineId": line_id,
        "invoiceId": "invoice",
        "to": to,
        "storedBefore": to,
        "quantity": "5",
        "children": [],
        "open": False,
        "voided": False,
    } | changes


@pytest.mark.parametrize("interval", ["PT1H", "P100Y"])
def test_a_part_counts_what_is_stored_until_its_end(interval: str) -> None:
    found = charges.cutoff(charge(), {"period": {"from": START, "to": MIDDLE}}, interval)

    assert not found.final
    assert found.stored_before == found.to == datetime(2025, 1, 16, tzinfo=UTC)
    assert found.collection_at - found.stored_before == timedelta(minutes=1)


def test_the_last_part_waits_for_late_usage() -> None:
    found = charges.cutoff(charge(), {"period": {"from": MIDDLE, "to": END}}, "P1M")

    assert found.final
    assert found.to == datetime(2025, 2, 1, tzinfo=UTC)
    assert found.stored_before == datetime(2025, 3, 1, tzinfo=UTC)


def test_a_run_remembers_its_cut_off() -> None:
    made = charge()
    last = {"period": {"from": MIDDLE, "to": END}}
    kept = run("a", END, storedBefore="2025-02-01T01:00:00Z")

    assert charges.cutoff_of(made, kept) == charges.cutoff(made, last, "PT1H")


def test_nothing_is_collected_beyond_the_calendar() -> None:
    end = {"from": START, "to": "9999-12-31T23:59:59Z"}
    with pytest.raises(InternalFailure):
        charges.cutoff(charge() | {"period": end}, {"period": end}, "PT1H")


def test_runs_count_by_time_unless_they_are_voided() -> None:
    made = charge(run("b", END), run("gone", END, voided=True), run("a", MIDDLE))

    assert [one["lineId"] for one in charges.runs_of(made)] == ["a", "b"]
    assert [one["lineId"] for one in charges.runs_before(made, datetime(2025, 2, 1, tzinfo=UTC))] == ["a"]


def test_the_last_run_tells_what_is_billed_so_far() -> None:
    assert charges.billed_quantity([]) == 0
    assert charges.billed_quantity([run("a", MIDDLE), run("b", END, quantity="7.5")]) == Decimal("7.5")


def test_only_a_run_that_counts_can_be_open() -> None:
    assert charges.open_run(charge(run("a", MIDDLE), run("b", END, open=True, voided=True))) is None
    found = charges.open_run(charge(run("a", MIDDLE, open=True)))
    assert found is not None
    assert found["lineId"] == "a"


def test_a_run_replaces_that_of_the_same_line() -> None:
    made = charges.with_run(charge(run("a", MIDDLE)), run("a", MIDDLE, quantity="6"), now=END)

    assert [one["quantity"] for one in made["runs"]] == ["6"]
    assert made["updatedAt"] == END
    changed = charges.with_run_changed(made, "a", {"open": True}, now=END)
    assert [one["open"] for one in changed["runs"]] == [True]


def test_a_charge_that_would_pay_back_is_told_with_its_total() -> None:
    issue = charges.negative_total(charge(), "-5")

    assert dict(issue.attributes) == {"charge_id": "charge", "total": "-5"}
