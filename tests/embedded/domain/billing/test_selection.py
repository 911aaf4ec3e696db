"""Which pending lines can be invoiced, and up to when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing.selection import billable_until, check_not_empty, split
from devkit.embedded.domain.errors import Invalid, Plain
from devkit.embedded.domain.instants import instant

START = datetime(2025, 1, 1, tzinfo=UTC)
END = datetime(2025, 2, 1, tzinfo=UTC)
LATER = "2025-03-01T00:00:00Z"
UNIT = {"type": "unit", "amount": "1"}
VOLUME = {"type": "tiered", "mode": "volume", "tiers": []}


def line(price: dict[str, Any] = UNIT, **changes: Any) -> dict[str, Any]:
    period = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
    return {"id": "line", "name": "Line", "price": price, "period": period, "invoiceAt": LATER} | changes


def until(of: dict[str, Any], as_of: datetime, *, progressive: bool = True, by: str = "SUM") -> datetime | None:
    return billable_until(of, as_of, lambda _: by, progressive=progressive)


@pytest.mark.parametrize("progressive", [True, False])
def test_a_fee_is_billed_whole_from_the_second_on_in_which_it_is_due(progressive: bool) -> None:
    fee, due = line({"type": "flat", "amount": "1"}), instant(LATER)

    assert until(fee, due - timedelta(seconds=1), progressive=progressive) is None
    assert until(fee, due + timedelta(microseconds=1), progressive=progressive) == END


def test_usage_is_billed_in_parts_whatever_is_due() -> None:
    assert until(line(), START) is None
    assert until(line(), START + timedelta(seconds=1.5)) == START + timedelta(seconds=1)
    assert until(line(), END + timedelta(days=1)) == END


@pytest.mark.parametrize(("price", "by"), [(VOLUME, "SUM"), (UNIT, "LATEST"), (UNIT, "AVG")])
def test_what_can_shrink_is_billed_whole_once_it_is_over(price: dict[str, Any], by: str) -> None:
    assert until(line(price), END - timedelta(seconds=1), by=by) is None
    assert until(line(price), END, by=by) == END


def test_without_progressive_billing_usage_waits_until_it_is_due() -> None:
    assert until(line(), END, progressive=False) is None
    assert until(line(), instant(LATER), progressive=False) == END


def test_a_missing_meter_keeps_everything_from_being_billed() -> None:
    def missing(_: Any) -> str:
        raise Invalid("feature[tokens] has no meter associated")

    with pytest.raises(Invalid):
        billable_until(line(), START, missing, progressive=True)


def test_a_whole_line_is_not_split() -> None:
    found = split(line(), END, rest_id="rest", now=LATER)

    assert (found.billed, found.rest) == (line(), None)


def test_the_billed_part_keeps_the_id_and_is_due_at_its_end() -> None:
    found = split(line(), START + timedelta(days=10), rest_id="rest", now=LATER)

    assert found.rest is not None
    assert (found.billed["id"], found.rest["id"]) == ("line", "rest")
    assert found.billed["invoiceAt"] == found.billed["period"]["to"] == "2025-01-11T00:00:00Z"
    assert found.rest["invoiceAt"] == LATER


@given(st.integers(1, int((END - START).total_seconds()) - 1))
def test_the_parts_of_a_line_cover_its_period(seconds: int) -> None:
    found = split(line(), START + timedelta(seconds=seconds), rest_id="rest", now=LATER)

    assert found.rest is not None
    assert found.billed["period"]["from"] == line()["period"]["from"]
    assert found.billed["period"]["to"] == found.rest["period"]["from"]
    assert found.rest["period"]["to"] == line()["period"]["to"]


def test_usage_of_no_time_cannot_be_billed() -> None:
    empty = line(period={"from": LATER, "to": LATER})
    with pytest.raises(Plain) as refused:
        check_not_empty(empty)

    assert refused.value.extensions["code"] == "invoice_create_ubp_line_period_is_empty"
    check_not_empty(empty | {"price": {"type": "flat", "amount": "1"}})
