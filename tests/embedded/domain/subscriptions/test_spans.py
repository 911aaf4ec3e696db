"""The laws of spans: what two have in common and what is left of one make it up again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.subscriptions.spans import Moment, Span, between, is_exact
from devkit.embedded.domain.subscriptions.spec import moved
from tests.embedded.domain.subscriptions.examples import START


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 8))
    end = draw(st.none() | st.integers(start, 9))
    return Span(START + timedelta(hours=start), None if end is None else START + timedelta(hours=end))


INSTANTS = st.integers(-1, 11).map(lambda hours: START + timedelta(hours=hours))


@given(spans(), spans(), INSTANTS)
def test_an_instant_of_a_span_is_either_common_or_left(one: Span, other: Span, at: datetime) -> None:
    common = one.common(other)
    is_common = common is not None and common.contains(at)
    is_left = any(rest.contains(at) for rest in one.without(other))
    assert (is_common, is_left).count(True) == int(one.contains(at))
    assert is_common == (one.contains(at) and other.contains(at))


@given(spans(), spans())
def test_a_span_covers_what_leaves_nothing_outside(one: Span, other: Span) -> None:
    if one.covers(other):
        assert one.joined(other) == one
        assert other.start == other.end or other.without(one) == []


def test_a_span_that_only_touches_is_not_covered() -> None:
    later = START + timedelta(hours=1)
    assert not Span(START, later).covers(Span(later, later))
    assert not Span(START).covers(Span(START, START))
    assert Span(START).covers(Span(START, later))


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_the_time_between_two_instants_leads_from_one_to_the_other(length: timedelta) -> None:
    duration = between(START, START + length)
    assert moved(START, duration) == START + length
    assert not any(duration.parts[:4])
    assert is_exact(duration)


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_an_edit_at_once_is_too_fine_for_an_instant_and_shown_where_it_happened(length: timedelta) -> None:
    at_once = Moment(START + length, at_once=True).since(START)
    assert not is_exact(at_once)
    assert moved(START, at_once) == START + length
    assert is_exact(Moment(START + length).since(START))
