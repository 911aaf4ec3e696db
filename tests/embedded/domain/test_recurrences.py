"""Recurrences count from their anchor, and intervals are named as OpenMeter names them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.recurrences import Recurrence, interval_of, is_too_short, read, shown

intervals = st.sampled_from(
    ["PT1H", "P1D", "P10D", "P1W", "P2W", "P1M", "P5M", "P1Y", "P100Y", "P1M2DT3H4M5S", "P1.5D"]
)
SECONDS_OF_60_YEARS = 60 * 366 * 86_400
moments = st.integers(0, SECONDS_OF_60_YEARS).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(intervals, moments, moments)
def test_every_moment_is_in_one_period(interval: str, anchor: datetime, moment: datetime) -> None:
    recurrence = Recurrence(interval_of(interval), anchor)
    start, end = recurrence.period_at(moment)
    assert start <= moment < end
    assert recurrence.period_at(start) == (start, end)
    assert recurrence.period_at(end)[0] == end
    assert recurrence.next_from(start) == start
    assert recurrence.next_from(start + timedelta(microseconds=1)) == end


def test_months_end_on_their_last_day_and_never_drift() -> None:
    recurrence = Recurrence(interval_of("MONTH"), instant("2024-01-31T00:00:00Z"))
    days = [recurrence.nth(number).strftime("%m-%d") for number in range(-2, 4)]
    assert days == ["11-30", "12-31", "01-31", "02-29", "03-31", "04-30"]


@pytest.mark.parametrize(
    ("given_interval", "name", "iso"),
    [
        ("DAY", "DAY", "P1D"),
        ("PT24H", "DAY", "PT24H"),
        ("P7D", "WEEK", "P7D"),
        ("P12M", "YEAR", "P12M"),
        ("P2W", "P2W", "P2W"),
        ("PT36H", "PT36H", "PT36H"),
        ("P1.5M", "P1.5M", "P1.5M"),
    ],
)
def test_an_interval_has_a_name_where_it_is_as_long_as_one(given_interval: str, name: str, iso: str) -> None:
    body = shown(interval_of(given_interval), "2024-01-31T00:00:00Z")
    assert body == {"anchor": "2024-01-31T00:00:00Z", "interval": name, "intervalISO": iso}
    assert text_of(read(body).anchor) == "2024-01-31T00:00:00Z"


@pytest.mark.parametrize(
    ("interval", "short"), [("PT59M", True), ("P0D", True), ("PT60M", False), ("PT3599S", True), ("P1D", False)]
)
def test_less_than_an_hour_is_too_short(interval: str, short: bool) -> None:
    assert is_too_short(interval_of(interval)) is short


def test_what_cannot_be_counted_is_a_failure_and_no_endless_loop() -> None:
    with pytest.raises(InternalFailure):
        interval_of("P")
    with pytest.raises(Invalid):
        Recurrence(interval_of("P0D"), instant("2024-01-01T00:00:00Z")).next_from(instant("2025-01-01T00:00:00Z"))
    with pytest.raises(Invalid):
        Recurrence(interval_of("P9000Y"), instant("2024-01-01T00:00:00Z")).period_at(instant("2024-01-01T00:00:00Z"))
