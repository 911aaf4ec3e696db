"""Durations on the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.calendar_arithmetic import after
from devkit.embedded.domain.durations import parse

BEGIN = datetime(1990, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda span: BEGIN + span)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "duration", "later"),
    [
        ("2025-01-31T10:00:00Z", "P1M", "2025-02-28T10:00:00Z"),
        ("2024-01-31T10:00:00Z", "P1M", "2024-02-29T10:00:00Z"),
        ("2024-02-29T00:00:00Z", "P1Y", "2025-02-28T00:00:00Z"),
        ("2024-02-29T00:00:00Z", "P1Y1M", "2025-03-28T00:00:00Z"),
        ("2025-03-31T00:00:00Z", "-P1M", "2025-02-28T00:00:00Z"),
        ("2025-12-15T00:00:00Z", "P1M1DT1H", "2026-01-16T01:00:00Z"),
        ("2025-01-01T00:00:00Z", "P2WT90M", "2025-01-15T01:30:00Z"),
        ("2025-01-01T00:00:00Z", "PT0.5S", "2025-01-01T00:00:00.500Z"),
    ],
)
def test_durations_lead_from_moment_to_moment(moment: str, duration: str, later: str) -> None:
    assert after(at(moment), parse(duration)) == at(later)


@given(MOMENTS, st.integers(0, 60))
def test_months_change_neither_the_time_nor_a_day_that_all_months_have(moment: datetime, months: int) -> None:
    later = after(moment, parse(f"P{months}M"))
    assert later.time() == moment.time()
    assert later.day == moment.day or (moment.day > 28 and later.day < moment.day)


@given(MOMENTS, st.integers(0, 1000))
def test_days_are_24_hours(moment: datetime, days: int) -> None:
    assert after(moment, parse(f"P{days}D")) == moment + timedelta(days=days)


def test_beyond_the_calendar_there_is_no_moment() -> None:
    with pytest.raises(OverflowError):
        after(at("2025-01-01T00:00:00Z"), parse("P9000Y"))
