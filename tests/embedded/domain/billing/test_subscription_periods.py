from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing.subscription_periods import Billable, expected
from devkit.embedded.domain.instants import text_of
from tests.embedded.domain.billing.subscription_scenes import START, ended, fee, phase, subscribed, usage

NEXT = datetime(2025, 2, 10, 12, tzinfo=UTC)
AFTER_NEXT = datetime(2025, 3, 10, 12, tzinfo=UTC)
SOON = START + timedelta(microseconds=1)


def shown(subscription: dict[str, Any], at: datetime) -> list[tuple[str, datetime, datetime, datetime]]:
    """Key, service period and invoiceAt of all that is expected."""
    found = expected(subscription, at).billables
    return [(one.key, one.service.start, one.service.end, one.invoice_at) for one in found]


def test_fees_in_advance_are_there_for_this_period_and_the_next_one() -> None:
    assert shown(subscribed(phase("main", fee("seat"))), SOON) == [
        ("main/seat/v[0]/period[0]", START, NEXT, START),
        ("main/seat/v[0]/period[1]", NEXT, AFTER_NEXT, NEXT),
    ]


def test_fees_in_arrears_and_usage_are_due_at_the_end_of_their_period() -> None:
    subscription = subscribed(phase("main", fee("support", term="in_arrears"), usage("calls")))

    assert shown(subscription, SOON) == [
        ("main/support/v[0]/period[0]", START, NEXT, NEXT),
        ("main/calls/v[0]/period[0]", START, NEXT, NEXT),
    ]


def test_one_time_fees_cover_an_instant_and_what_is_due_after_an_open_end_is_left_out() -> None:
    once = fee("setup", cadence=None)
    later = fee("farewell", cadence=None, term="in_arrears")

    assert shown(subscribed(phase("main", once, later)), SOON) == [("main/setup/v[0]", START, START, START)]


def test_monthly_fees_of_a_longer_billing_cadence_are_due_with_its_start() -> None:
    found = expected(subscribed(phase("main", fee("seat")), cadence="P3M"), SOON).billables

    assert [one.invoice_at for one in found] == [START] * 3 + [datetime(2025, 4, 10, 12, tzinfo=UTC)] * 3


def test_daily_usage_of_a_monthly_subscription_has_one_line_a_day() -> None:
    found = expected(subscribed(phase("main", usage("calls", cadence="P1D"))), SOON).billables

    assert len(found) == 31
    assert {one.invoice_at for one in found} == {NEXT}


def test_a_yearly_fee_beside_a_monthly_cadence_is_there_once() -> None:
    found = shown(subscribed(phase("main", fee("licence", cadence="P1Y"))), SOON)

    assert found == [("main/licence/v[0]/period[0]", START, datetime(2026, 1, 10, 12, tzinfo=UTC), START)]


def test_only_the_phase_that_runs_is_billed() -> None:
    subscription = subscribed(phase("trial", fee("seat", "0"), duration="P1M"), phase("main", fee("seat")))

    assert [one.key for one in expected(subscription, SOON).billables] == ["trial/seat/v[0]/period[0]"]
    assert expected(subscription, SOON).until == NEXT


def test_a_phase_without_prices_does_not_hide_the_next_one() -> None:
    free = fee("seat") | {"price": None}
    subscription = subscribed(phase("trial", free, duration="P1M"), phase("main", fee("seat")))

    assert shown(subscription, SOON) == [("main/seat/v[0]/period[0]", NEXT, AFTER_NEXT, NEXT)]


def test_a_subscription_that_ends_bills_what_it_ran() -> None:
    end = START + timedelta(days=3)
    subscription = ended(subscribed(phase("main", fee("seat"), usage("calls"))), end)

    assert shown(subscription, end) == [
        ("main/seat/v[0]/period[0]", START, end, START),
        ("main/calls/v[0]/period[0]", START, end, end),
    ]


def test_usage_of_less_than_a_second_is_left_out() -> None:
    end = START + timedelta(milliseconds=300)
    subscription = ended(subscribed(phase("main", fee("seat"), usage("calls"))), end)

    assert shown(subscription, end) == [("main/seat/v[0]/period[0]", START, START, START)]


def test_an_item_taken_off_before_it_began_is_left_out() -> None:
    subscription = subscribed(phase("main", fee("seat"), fee("desk")))
    subscription["phases"][0]["items"][0] |= {"activeFrom": text_of(NEXT), "activeTo": text_of(SOON)}

    assert [one.key for one in expected(subscription, SOON).billables] == [
        "main/desk/v[0]/period[0]",
        "main/desk/v[0]/period[1]",
    ]


def test_a_subscription_without_prices_is_never_looked_at_again() -> None:
    assert expected(subscribed(phase("main", fee("seat") | {"price": None})), SOON).until is None


def test_a_subscription_that_has_not_begun_has_its_first_fees() -> None:
    found = expected(subscribed(phase("main", fee("seat"))), START - timedelta(days=5))

    assert [one.key for one in found.billables] == ["main/seat/v[0]/period[0]"]
    assert found.until == START


CADENCES = st.sampled_from(["P1D", "P1W", "P1M", "P3M", "P1Y"])
ANCHORS = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31)).map(  # noqa: DTZ001 - the zone follows
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(CADENCES, CADENCES, ANCHORS, st.integers(0, 400), st.sampled_from(["in_advance", "in_arrears"]))
def test_periods_follow_each_other_without_gap_and_overlap(
    card_cadence: str, cadence: str, anchor: datetime, days: int, term: str
) -> None:
    subscription = subscribed(
        phase("main", fee("seat", cadence=card_cadence, term=term)), anchor=anchor, cadence=cadence
    )
    found = expected(subscription, SOON + timedelta(days=days)).billables

    assert all(one.service.end == other.service.start for one, other in pairwise(found))
    assert all(_lies_in(one) for one in found)
    assert not found or found[0].service.start == START


@given(CADENCES, st.integers(0, 300), st.integers(0, 300))
def test_what_was_expected_once_stays_expected(card_cadence: str, days: int, more: int) -> None:
    subscription = subscribed(phase("main", fee("seat", cadence=card_cadence), usage("calls", cadence=card_cadence)))
    earlier = expected(subscription, SOON + timedelta(days=days)).billables
    later = expected(subscription, SOON + timedelta(days=days + more)).billables

    assert set(_identity(earlier)) <= set(_identity(later))


def _identity(billables: tuple[Billable, ...]) -> list[tuple[str, datetime, datetime]]:
    return [(one.key, one.service.start, one.service.end) for one in billables]


def _lies_in(billable: Billable) -> bool:
    return billable.full.start <= billable.service.start <= billable.service.end <= billable.full.end
