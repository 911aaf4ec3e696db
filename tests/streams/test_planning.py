"""Ranges: exactly as many events as asked for, within the range, and a clear word where it makes no sense."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.core.errors import UsageError
from devkit.streams.definition import duration, instant
from devkit.streams.generator import Generator
from devkit.streams.planning import Wish, plan_stream, utc
from devkit.streams.rhythm import RHYTHMS
from tests.streams.examples import NOW, stream

DAY = 86_400


@given(
    events=st.integers(1, 3000),
    span=st.one_of(st.integers(1, 4000), st.integers(1, 40).map(lambda days: days * DAY), st.integers(4000, 90 * DAY)),
    ago=st.integers(0, 400 * DAY),
    rhythm=st.sampled_from(sorted(RHYTHMS)),
)
@settings(max_examples=60, deadline=None)
def test_a_plan_has_exactly_the_events_asked_for_and_all_lie_in_its_range(
    events: int, span: int, ago: int, rhythm: str
) -> None:
    end = NOW - ago
    plan = plan_stream(
        stream(rhythm=rhythm, data={"a": {"constant": 1}}), NOW, Wish(events=events, start=end - span, end=end)
    )
    line = plan.timeline
    seconds = [m.cell_start + offset for m in line.moments(plan.first, plan.last) for offset in m.offsets]
    assert len(seconds) == events
    assert seconds == sorted(seconds)
    assert end - span <= seconds[0] == plan.begin
    assert seconds[-1] < end
    assert line.second_of(plan.last) >= end
    assert plan.compared_from in (plan.begin, plan.begin + 1)


def test_whole_weeks_are_covered_from_their_first_day_on() -> None:
    plan = plan_stream(stream(events=28_000, over=28 * DAY), NOW)
    assert plan.begin - plan.start < 3600


@pytest.mark.parametrize(
    ("over", "end"),
    [
        (30 * DAY, "2026-11-22T00:00:00Z"),
        (DAY, "2026-11-22T00:00:00Z"),
        (2 * 3600, "2026-11-22T18:00:00Z"),
        (600, "2026-11-22T18:26:00Z"),
    ],
)
def test_a_range_ends_where_it_stays_for_a_while(over: int, end: str) -> None:
    plan = plan_stream(stream(), NOW, Wish(over=over))
    assert utc(plan.end) == end
    assert plan.end - plan.start == over


def test_what_the_pack_fixes_stays_unless_the_command_says_otherwise() -> None:
    fixed = stream(over=None, start=instant("2026-01-01"), end=instant("2026-02-01"))
    assert utc(plan_stream(fixed, NOW).start) == "2026-01-01T00:00:00Z"
    assert utc(plan_stream(fixed, NOW, Wish(over=DAY)).end) == "2026-11-22T00:00:00Z"
    assert utc(plan_stream(stream(), NOW, Wish(end=instant("2026-03-01"))).start) == "2026-02-22T00:00:00Z"


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(start=NOW - 10, end=NOW - 20), "is empty"),
        (Wish(start=NOW - 10, end=NOW + 20), "ends in the future"),
        (Wish(start=0, end=NOW), "begins before 1970-01-02"),
    ],
)
def test_an_impossible_range_is_refused(wish: Wish, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_stream(stream(), NOW, wish)


def test_very_many_events_in_one_second_are_all_there() -> None:
    plan = plan_stream(stream(data={"a": {"constant": 1}}), NOW, Wish(events=5000, start=NOW - 3, end=NOW))
    assert sum(batch.count for batch in Generator(plan).batches(1000)) == 5000


@pytest.mark.parametrize(("text", "seconds"), [("30d", 30 * DAY), ("12h", 43_200), ("90m", 5400), ("4w", 28 * DAY)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "0d", "-1d", "1.5d", "30", "30 d", "30s", "1d12h", "9999999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration such as 30d"):
        duration(text)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-01T00:00:00", "12", ""])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="is no time such as"):
        instant(text)
