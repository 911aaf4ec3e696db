"""Charges of metered lines that end earlier or later, with and without parts on invoices."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.domain.billing import charges as rules
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.charges import get_charge, put_charge
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.charge_changes import end_charge_at, give_up_charge
from devkit.embedded.workflows.invoice_line_changes import LineChanges

START = datetime(2025, 1, 1, tzinfo=UTC)
END = START + timedelta(days=30)
LINE = {"currency": "USD", "featureKey": "tokens", "period": {"from": text_of(START), "to": text_of(END)}}


def _days(number: int) -> datetime:
    return START + timedelta(days=number)


def _run(line_id: str, to: datetime, *, is_open: bool = False) -> dict[str, Any]:
    return {"lineId": line_id, "to": text_of(to), "open": is_open, "voided": False}


@pytest.fixture
def charge(store: Store) -> str:
    put_charge(store, rules.new(LINE, "customer", "feature", id_="charge", now=text_of(START)))
    return "charge"


def _with_runs(store: Store, *runs: dict[str, Any]) -> None:
    put_charge(store, {**get_charge(store, "charge"), "runs": list(runs)})


def _ended(store: Store, at: datetime) -> tuple[Any, LineChanges]:
    changes = LineChanges()
    return end_charge_at(store, "charge", at, {}, changes), changes


@pytest.mark.usefixtures("charge")
def test_what_no_run_bills_has_to_be_gathered(store: Store) -> None:
    _with_runs(store, _run("first", _days(5)))

    assert _ended(store, _days(10))[0] == {"from": text_of(_days(5)), "to": text_of(_days(10))}
    assert get_charge(store, "charge")["period"]["to"] == text_of(_days(10))


@pytest.mark.usefixtures("charge")
def test_runs_that_reach_beyond_the_end_go(store: Store) -> None:
    _with_runs(store, _run("first", _days(5)), _run("second", _days(15)))
    rest, changes = _ended(store, _days(10))

    assert rest == {"from": text_of(_days(5)), "to": text_of(_days(10))}
    assert changes.gone == {"second"}


@pytest.mark.usefixtures("charge")
def test_nothing_is_gathered_where_the_runs_bill_all(store: Store) -> None:
    _with_runs(store, _run("first", _days(10)))

    assert _ended(store, _days(10)) == (None, LineChanges())


@pytest.mark.usefixtures("charge")
def test_a_charge_that_goes_on_keeps_what_is_issued_and_takes_back_the_draft_of_its_end(store: Store) -> None:
    _with_runs(store, _run("issued", _days(5)), _run("last", END, is_open=True))
    rest, changes = _ended(store, _days(40))

    assert rest == {"from": text_of(_days(5)), "to": text_of(_days(40))}
    assert changes.gone == {"last"}


@pytest.mark.usefixtures("charge")
def test_a_charge_that_goes_on_after_its_end_was_issued_has_one_more_part(store: Store) -> None:
    _with_runs(store, _run("last", END))

    assert _ended(store, _days(40)) == ({"from": text_of(END), "to": text_of(_days(40))}, LineChanges())


@pytest.mark.usefixtures("charge")
def test_a_charge_given_up_takes_its_parts_along(store: Store) -> None:
    _with_runs(store, _run("first", _days(5)), _run("second", _days(15), is_open=True))
    changes = LineChanges()
    give_up_charge(store, "charge", changes)

    assert changes.gone == {"first", "second"}
    assert "deletedAt" in get_charge(store, "charge")


@pytest.mark.usefixtures("charge")
def test_a_charge_that_was_given_up_stays_so(store: Store) -> None:
    give_up_charge(store, "charge", LineChanges())

    assert _ended(store, _days(10)) == (None, LineChanges())
    assert get_charge(store, "charge")["period"]["to"] == text_of(END)
