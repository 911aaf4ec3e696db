"""Instants as Go reads and prints them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.timestamps import format_instant, format_seconds, parse, parse_date, refusal

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:00:00.120Z", "2024-01-01T00:00:00.12Z"),
        ("2024-01-01T00:00:00.123456789+02:00", "2024-01-01T00:00:00.123456789+02:00"),
        ("2024-01-01T00:00:00.1234567891Z", "2024-01-01T00:00:00.123456789Z"),
        ("2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:00:00-09:30", "2024-01-01T00:00:00-09:30"),
        ("0001-01-01T00:00:00+10:00", "0001-01-01T00:00:00+10:00"),
        ("9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59-10:00"),
    ],
)
def test_an_instant_is_echoed_as_it_came(text: str, echo: str) -> None:
    found = parse(text)
    assert found.text == echo
    assert found.astimezone(UTC).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01", "soon", ""]
)
def test_what_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", 'parsing time "soon" as "2006-01-02": cannot parse "soon" as "2006"'),
        ("2024", 'parsing time "2024" as "2006-01-02": cannot parse "" as "-"'),
        ("1704888000", 'parsing time "1704888000" as "2006-01-02": cannot parse "888000" as "-"'),
        ("2024-1-1", 'parsing time "2024-1-1" as "2006-01-02": cannot parse "1-1" as "01"'),
        ("2024-13-01", 'parsing time "2024-13-01": month out of range'),
        ("2024-01-32", 'parsing time "2024-01-32": day out of range'),
        ("2024-01-01x", 'parsing time "2024-01-01x": extra text: "x"'),
    ],
)
def test_a_date_is_refused_in_the_words_of_go(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^parsing time") as refused:
        parse_date(text)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'),
        ("2024-01-01", 'parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        (
            "2024-01-01T00:00:00",
            'parsing time "2024-01-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
        ),
        ("2024-01-01T25:00:00Z", 'parsing time "2024-01-01T25:00:00Z": hour out of range'),
        ("2024-02-30T00:00:00Z", 'parsing time "2024-02-30T00:00:00Z": day out of range'),
        ("2024-01-01T00:00:00Zx", 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"'),
    ],
)
def test_a_date_time_is_refused_in_the_words_of_go(text: str, words: str) -> None:
    assert refusal(text) == words


def test_a_date_is_midnight_in_utc() -> None:
    assert parse_date("2024-02-29") == datetime(2024, 2, 29, tzinfo=UTC)
    assert parse_date("2024-02-29").text == "2024-02-29T00:00:00Z"


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=ZONES))  # noqa: DTZ001 - hypothesis wants them naive
def test_what_is_printed_reads_back_the_same(moment: datetime) -> None:
    assert parse(format_instant(moment)) == moment
    assert parse(format_instant(moment)).text == format_instant(moment)
    assert parse(format_seconds(moment)) == moment.replace(microsecond=0)
