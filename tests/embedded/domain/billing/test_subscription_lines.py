from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing import subscription_lines as rules
from devkit.embedded.domain.billing.subscription_periods import Billable, expected
from tests.embedded.domain.billing.subscription_scenes import START, ended, fee, phase, subscribed, usage

SOON = START + timedelta(microseconds=1)


def billables(subscription: dict[str, Any], at: datetime = SOON) -> tuple[Billable, ...]:
    return expected(subscription, at).billables


def records(subscription: dict[str, Any], at: datetime = SOON) -> dict[str, rules.Record]:
    return {one.key: rules.record_of(one, subscription) for one in billables(subscription, at)}


def test_a_line_says_where_it_comes_from() -> None:
    subscription = subscribed(phase("main", usage("calls", description="All calls", discounts={"usage": "5"})))
    line = rules.pending_line(billables(subscription)[0], subscription)

    assert line == {
        "name": "Calls",
        "description": "All calls",
        "managedBy": "subscription",
        "currency": "USD",
        "period": {"from": "2025-01-10T12:00:00Z", "to": "2025-02-10T12:00:00Z"},
        "invoiceAt": "2025-02-10T12:00:00Z",
        "price": {"type": "unit", "amount": "2"},
        "featureKey": "calls",
        "discounts": {"usage": "5"},
        "subscription": {
            "subscriptionId": "subscription",
            "phaseId": subscription["phases"][0]["id"],
            "itemId": subscription["phases"][0]["items"][0]["id"],
            "billingPeriod": {"from": "2025-01-10T12:00:00Z", "to": "2025-02-10T12:00:00Z"},
        },
    }


@pytest.mark.parametrize(
    ("amount", "currency", "expected_amount"), [("10.5", "JPY", "11"), ("33.33", "JPY", "33"), ("10", "USD", "10")]
)
def test_fees_are_rounded_to_the_currency(amount: str, currency: str, expected_amount: str) -> None:
    subscription = subscribed(phase("main", fee("seat", amount)), currency=currency)
    line = rules.pending_line(billables(subscription)[0], subscription)

    assert line is not None
    assert line["price"] == {"type": "flat", "amount": expected_amount, "paymentTerm": "in_advance"}


def test_a_shortened_first_period_is_prorated() -> None:
    start = datetime(2025, 11, 22, 15, 58, 27, tzinfo=UTC)
    anchor = datetime(2025, 12, 15, 9, 30, tzinfo=UTC)
    subscription = subscribed(phase("main", fee("seat")), start=start, anchor=anchor)

    assert rules.fee(billables(subscription, start + timedelta(seconds=1))[0], subscription) == Decimal("7.58")


def test_a_fee_of_nothing_makes_no_line_but_is_remembered() -> None:
    subscription = subscribed(phase("main", fee("seat", "0")))
    billable = billables(subscription)[0]

    assert rules.pending_line(billable, subscription) is None
    assert rules.record_of(billable, subscription)["amount"] == "0"


def test_fees_are_whole_where_prorating_is_off() -> None:
    subscription = ended(subscribed(phase("main", fee("seat"))), START + timedelta(days=1))
    subscription["proRatingConfig"] = {"enabled": False, "mode": "prorate_prices"}

    assert rules.fee(billables(subscription, START + timedelta(days=1))[0], subscription) == Decimal(10)


def test_nothing_is_to_do_where_nothing_changed() -> None:
    subscription = subscribed(phase("main", fee("seat"), usage("calls")))

    assert not rules.plan(records(subscription), billables(subscription))


def test_an_end_drops_what_lies_behind_it_and_shortens_the_rest() -> None:
    subscription = subscribed(phase("main", fee("seat"), usage("calls")))
    end = START + timedelta(days=3)
    found = rules.plan(records(subscription), billables(ended(subscription, end), end))

    assert found.dropped == ("main/seat/v[0]/period[1]",)
    assert [one.key for one in found.changed] == ["main/calls/v[0]/period[0]", "main/seat/v[0]/period[0]"]
    assert found.new == ()


def test_time_only_adds() -> None:
    subscription = subscribed(phase("main", fee("seat"), usage("calls")))
    found = rules.plan(records(subscription), billables(subscription, START + timedelta(days=40)))

    assert (found.dropped, found.changed) == ((), ())
    assert [one.key for one in found.new] == ["main/seat/v[0]/period[2]", "main/calls/v[0]/period[1]"]


def test_what_is_cut_to_nothing_is_told_from_what_began_so() -> None:
    subscription = subscribed(phase("main", fee("seat")))
    end = START + timedelta(milliseconds=1)
    short = billables(ended(subscription, end), end)[0]

    assert rules.cut_short(short, records(subscription)[short.key])
    assert not rules.cut_short(short, rules.record_of(short, subscription))


@given(st.decimals(0, 10_000, places=3), st.integers(1, 31 * 86_400), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_share_of_a_fee_never_exceeds_it_and_grows_with_time(amount: Decimal, seconds: int, currency: str) -> None:
    subscription = subscribed(phase("main", fee("seat", str(amount))), currency=currency)
    whole = rules.fee(billables(subscription)[0], subscription)
    half, full = (
        rules.fee(billables(ended(subscription, START + length), START + length)[0], subscription)
        for length in (timedelta(seconds=(seconds + 1) // 2), timedelta(seconds=seconds))
    )

    assert half <= full <= whole
