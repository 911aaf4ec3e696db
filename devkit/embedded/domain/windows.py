"""Windows of usage: minutes, hours, days and months of a time zone's calendar.

Hours and minutes are counted from the first instant of the local day, so they follow odd offsets, and the hour that an
autumn change repeats is two. Events are not looked up one by one: they are numbered in buckets of equal length that no
window cuts, and a table leads from bucket to window.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import gcd
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.event_time import LATEST
from devkit.embedded.domain.timestamps import format_seconds

SECONDS_PER_DAY = 86_400
_QUARTER = 900  # seconds; the grain of ClickHouse's table of changes
_STEP_SECONDS = {"MINUTE": 60, "HOUR": 3600}
_ONE_DAY = timedelta(days=1)
_NONE = timedelta()
_LAST_DATE = date(9999, 12, 31)


@dataclass(frozen=True)
class Buckets:
    """How event times fall into windows.

    seconds: the length of a bucket; an event is in bucket `time // seconds`
    starts:  the start of the window (epoch seconds) of each bucket; None where each bucket is a window of its own
    """

    seconds: int
    starts: Mapping[int, int] | None = None


def time_zone(name: str) -> tzinfo:
    """The zone with this IANA name; UTC for the empty one. Raises Invalid where Go knows none."""
    if name in ("", "UTC"):
        return UTC
    if ".." in name or name.startswith(("/", "\\")):
        raise Invalid("invalid time zone: time: invalid location name")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(f"invalid time zone: unknown time zone {name}") from None
    return zone


def buckets(size: str, zone: tzinfo, days: Iterable[int]) -> Buckets:
    """The buckets of all windows that events on these days may fall into.

    size: MINUTE, HOUR, DAY or MONTH
    days: days of UTC as numbers since the epoch
    """
    dates = sorted({_local(second, zone).date() for day in days for second in _ends(day)})
    windows = list(_calendar_windows(size, zone, dates))
    step = _STEP_SECONDS.get(size)
    if step and all(start % step == 0 for start, _ in windows):
        return Buckets(step)
    if step:
        windows = [window for day in windows for window in _steps(*day, step)]
    seconds = gcd(*(bound for window in windows for bound in window)) or SECONDS_PER_DAY
    if all(end - start == seconds for start, end in windows):
        return Buckets(seconds)
    numbers = ((number, start) for start, end in windows for number in range(start // seconds, end // seconds))
    return Buckets(seconds, dict(numbers))


def window_end(size: str, zone: tzinfo, start: int) -> int:
    """The end of the window that begins at this second: one step, one calendar day or one calendar month later.

    OpenMeter adds a day to the start of a day with ClickHouse's arithmetic, which keeps the time of day. Where the
    clocks skip midnight the bound is therefore not where the next window begins: 23:00 before, 01:00 afterwards.
    """
    if size in _STEP_SECONDS:
        return start + _STEP_SECONDS[size]
    day = _local(start, zone).date()
    following = _following(size, day)
    end = _first_instant(following, zone)
    return end + _skipped(day, zone) - _skipped(following, zone) if size == "DAY" else end


def bound(zone: tzinfo, second: int) -> str:
    """A window's bound as OpenMeter prints it, with the offset of the zone at that instant.

    ClickHouse counts seconds in 32 bits: what lies behind its last one, in 2106, begins again in 1970.
    """
    return format_seconds(_local(second if second <= LATEST else second - LATEST - 1, zone))


def _local(second: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(second, zone)


def _ends(day: int) -> tuple[int, int]:
    return day * SECONDS_PER_DAY, (day + 1) * SECONDS_PER_DAY - 1


def _calendar_windows(size: str, zone: tzinfo, dates: list[date]) -> Iterator[tuple[int, int]]:
    """Start and end of the local days, or months, of these dates."""
    firsts = sorted({day.replace(day=1) for day in dates}) if size == "MONTH" else dates
    for first in firsts:
        yield _first_instant(first, zone), _first_instant(_following(size, first), zone)


def _following(size: str, day: date) -> date:
    if size != "MONTH":
        return min(day, _LAST_DATE - _ONE_DAY) + _ONE_DAY
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _steps(start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    for second in range(start, end, step):
        yield second, min(second + step, end)


def _skipped(day: date, zone: tzinfo) -> int:
    """How many seconds the clocks skip from this day's midnight (or from a few minutes later) on."""
    first = _first_instant(day, zone)
    before, after = (_local(second, zone) for second in (first - 1, first + _QUARTER - 1))
    if (before + timedelta(seconds=1)).date() != day:  # they were changed before midnight
        return 0
    return max(round(((after.utcoffset() or _NONE) - (before.utcoffset() or _NONE)).total_seconds()), 0)


def _first_instant(day: date, zone: tzinfo) -> int:
    """The first second of a local date. Where the clocks skip midnight that is the moment of the change."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    second = round(midnight.timestamp())
    while _local(second - 1, zone).date() >= day:  # the change began before midnight and led past it
        second -= 1
    return second
