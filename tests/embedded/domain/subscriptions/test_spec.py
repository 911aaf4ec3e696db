"""Where phases, items and billing periods of a spec lie in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.errors import InternalFailure, IssuesFound
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Item, Spec, moved, span_of_item
from tests.embedded.domain.subscriptions.examples import START, card, phase, spec

DAY = timedelta(days=1)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    starts = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    ends = draw(st.none() | st.integers(0, 70))
    phases = [phase(f"p{day}", f"P{day}D", order=number) for number, day in enumerate([0, *starts])]
    return spec(*phases, active_to=None if ends is None else START + ends * DAY)


@given(specs(), st.integers(-3, 80))
def test_each_instant_of_a_subscription_is_in_one_phase(one: Spec, days: int) -> None:
    at = START + days * DAY
    around = [phase for phase in one.phases.values() if one.span_of(phase).contains(at)]
    current = one.phase_at(at)
    assert around == ([current] if one.span.contains(at) else [])
    assert current is None or one.span.contains(at)


@given(specs(), st.integers(0, 80))
def test_a_billing_period_is_inside_its_phase(one: Spec, days: int) -> None:
    at = START + days * DAY
    period = one.billing_period_at(at)
    current = one.phase_at(at)
    if current is not None:
        span = one.span_of(current)
        assert period.contains(at)
        assert span.common(period) == period


def test_months_are_counted_from_the_anchor_not_from_each_other() -> None:
    period = spec().billing_period_at(datetime(2026, 3, 15, tzinfo=UTC))
    assert (period.start.day, period.start.month, period.end) == (28, 2, datetime(2026, 3, 31, 12, tzinfo=UTC))


def test_there_is_no_billing_period_before_the_start() -> None:
    with pytest.raises(IssuesFound) as refused:
        spec().billing_period_at(START - DAY)
    facts = dict(refused.value.issues[0].attributes)
    assert facts == {"queried_at": "2026-01-30T12:00:00Z", "subscription_start": "2026-01-31T12:00:00Z"}


def test_an_ended_subscription_shows_its_last_period() -> None:
    ended = spec(phase("main", "P0D"), phase("later", "P2M", order=1), active_to=START + 10 * DAY)
    assert ended.billing_period_at(START + 20 * DAY) == Span(START, START + 10 * DAY)


@pytest.mark.parametrize(
    ("starts", "ends", "wanted"),
    [
        (None, None, (0, 10)),
        ("P2D", None, (2, 10)),
        ("P2D", "P3D", (2, 3)),
        ("P2D", "P30D", (2, 10)),
        ("P11D", None, (10, 10)),
    ],
)
def test_an_item_is_there_no_longer_than_its_phase(
    starts: str | None, ends: str | None, wanted: tuple[int, int]
) -> None:
    item = Item(card(), parse(starts) if starts else None, parse(ends) if ends else None)
    first, last = wanted
    assert span_of_item(item, Span(START, START + 10 * DAY)) == Span(START + first * DAY, START + last * DAY)


def test_phases_that_start_together_are_in_the_order_of_the_plan() -> None:
    both = spec(phase("b", "P0D", order=0), phase("a", "P0D", order=1))
    assert [found.key for found in both.sorted_phases()] == ["b", "a"]
    assert both.span_of(both.phases["b"]) == Span(START, START)


def test_a_phase_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InternalFailure):
        moved(START, parse("P9000Y"))
