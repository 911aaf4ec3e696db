from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.windows import SECONDS_PER_DAY, bound, buckets, time_zone, window_end

ZONES = ["UTC", "Europe/Budapest", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
         "America/Sao_Paulo", "America/Havana", "Africa/Monrovia", "Pacific/Kiritimati", "Pacific/Apia",
         "America/Santiago", "Pacific/Chatham", "Atlantic/Azores"]  # fmt: skip
# There a day may end an hour (in Apia a day) too early for its last events.
CHANGED_AT_MIDNIGHT = {"America/Sao_Paulo", "America/Havana", "America/Santiago", "Atlantic/Azores", "Pacific/Apia"}
SIZES = ["MINUTE", "HOUR", "DAY", "MONTH"]
instants = st.one_of(
    st.integers(1, 2**32 - 1),
    st.integers(0, 2 * 365 * SECONDS_PER_DAY),
    st.integers(1711800000 - 10**6, 1711800000 + 10**6),
)


def window(size: str, name: str, instant: str) -> tuple[str, str]:
    zone = time_zone(name)
    second = int(datetime.fromisoformat(instant).timestamp())
    start = start_of(size, name, second)
    return bound(zone, start), bound(zone, window_end(size, zone, start))


def start_of(size: str, name: str, second: int) -> int:
    found = buckets(size, time_zone(name), [second // SECONDS_PER_DAY])
    number = second // found.seconds
    return number * found.seconds if found.starts is None else found.starts[number]


@pytest.mark.parametrize(
    ("size", "zone", "instant", "expected"),
    [
        ("MINUTE", "Asia/Kolkata", "2024-01-31T22:30:59Z", ("2024-02-01T04:00:00+05:30", "2024-02-01T04:01:00+05:30")),
        ("HOUR", "Asia/Kolkata", "2024-01-31T22:30:00Z", ("2024-02-01T04:00:00+05:30", "2024-02-01T05:00:00+05:30")),
        ("HOUR", "Asia/Kathmandu", "2024-01-31T22:30:00Z", ("2024-02-01T04:00:00+05:45", "2024-02-01T05:00:00+05:45")),
        ("HOUR", "Europe/Budapest", "2024-03-31T00:30:00Z", ("2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00")),
        ("HOUR", "Europe/Budapest", "2024-10-27T00:30:00Z", ("2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00")),
        ("HOUR", "Europe/Budapest", "2024-10-27T01:30:00Z", ("2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00")),
        ("DAY", "Europe/Budapest", "2024-03-31T12:00:00Z", ("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00")),
        ("DAY", "Europe/London", "2024-10-27T12:00:00Z", ("2024-10-27T00:00:00+01:00", "2024-10-28T00:00:00Z")),
        (
            "DAY",
            "America/Sao_Paulo",
            "2018-11-04T12:00:00Z",
            ("2018-11-04T01:00:00-02:00", "2018-11-05T01:00:00-02:00"),
        ),
        ("DAY", "Africa/Cairo", "2024-04-25T12:00:00Z", ("2024-04-25T00:00:00+02:00", "2024-04-25T23:00:00+02:00")),
        ("DAY", "Africa/Cairo", "2024-04-26T12:00:00Z", ("2024-04-26T01:00:00+03:00", "2024-04-27T01:00:00+03:00")),
        ("DAY", "Africa/Cairo", "2024-04-27T12:00:00Z", ("2024-04-27T00:00:00+03:00", "2024-04-28T00:00:00+03:00")),
        ("DAY", "America/Nuuk", "2024-03-30T12:00:00Z", ("2024-03-30T00:00:00-02:00", "2024-03-31T00:00:00-01:00")),
        ("DAY", "Pacific/Apia", "2011-12-30T09:00:00Z", ("2011-12-29T00:00:00-10:00", "2011-12-29T00:00:00-10:00")),
        ("DAY", "Pacific/Apia", "2011-12-31T09:00:00Z", ("2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00")),
        (
            "MONTH",
            "Europe/Budapest",
            "2024-03-15T00:00:00Z",
            ("2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        ),
        ("MONTH", "UTC", "2023-12-31T23:59:59Z", ("2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z")),
        ("HOUR", "UTC", "2106-02-07T06:28:15Z", ("2106-02-07T06:00:00Z", "1970-01-01T00:31:44Z")),
        ("HOUR", "Africa/Monrovia", "1971-06-01T00:50:00Z", ("1971-06-01T00:00:00-00:44", "1971-06-01T01:00:00-00:44")),
    ],
)
def test_windows_of_zones(size: str, zone: str, instant: str, expected: tuple[str, str]) -> None:
    assert window(size, zone, instant) == expected


@given(size=st.sampled_from(SIZES), name=st.sampled_from(ZONES), second=instants)
def test_an_event_is_in_its_window_and_the_window_follows_the_calendar(size: str, name: str, second: int) -> None:
    zone = time_zone(name)
    start = start_of(size, name, second)
    end = window_end(size, zone, start)
    assert start <= second
    assert second < end or (size == "DAY" and name in CHANGED_AT_MIDNIGHT)
    local = datetime.fromtimestamp(start, zone)
    before = datetime.fromtimestamp(start - 1, zone)
    if size == "MONTH":
        assert before.month != local.month
    elif size == "DAY":
        assert before.date() != local.date()


@given(name=st.sampled_from(ZONES), seconds=st.lists(instants, min_size=1, max_size=4))
def test_windows_do_not_depend_on_what_other_days_are_asked_for(name: str, seconds: list[int]) -> None:
    together = buckets("HOUR", time_zone(name), {second // SECONDS_PER_DAY for second in seconds})
    for second in seconds:
        number = second // together.seconds
        start = number * together.seconds if together.starts is None else together.starts[number]
        assert start == start_of("HOUR", name, second)


def test_regular_windows_need_no_table() -> None:
    year = range(19723, 19723 + 365)
    for size, zone in (("MINUTE", "Asia/Kathmandu"), ("HOUR", "Europe/Budapest"), ("DAY", "UTC")):
        assert buckets(size, time_zone(zone), year).starts is None
    assert buckets("DAY", ZoneInfo("Asia/Tokyo"), year).seconds == 3 * 3600


def test_no_days_make_no_windows() -> None:
    for size in SIZES:
        assert not buckets(size, time_zone("Europe/Budapest"), []).starts


@pytest.mark.parametrize("name", ["Mars/Olympus", "CET+1", "budapest", "Europe", "utc ", "\0", "x" * 300])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(Invalid, match="invalid time zone: unknown time zone"):
        time_zone(name)


def test_names_that_lead_out_of_the_zone_folder() -> None:
    for name in ("../etc/passwd", "/etc/localtime", "\\x"):
        with pytest.raises(Invalid, match="invalid time zone: time: invalid location name"):
            time_zone(name)


def test_the_empty_name_is_utc() -> None:
    assert time_zone("") is UTC
