"""Instants as OpenMeter reads and writes them: Go's RFC 3339, with its error texts.

A request may give nanoseconds, which Python's datetime cannot hold; `Timestamp` keeps the text beside the instant, so
that an answer can echo what came in.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))")
_RFC3339_LAYOUT = "2006-01-02T15:04:05Z07:00"
_DATE_LAYOUT = "2006-01-02"
_LAYOUT = (
    (4, "2006", "-", "year", 0, 9999),
    (2, "01", "-", "month", 1, 12),
    (2, "02", "T", "day", 0, 99),
    (2, "15", ":", "hour", 0, 23),
    (2, "04", ":", "minute", 0, 59),
    (2, "05", "", "second", 0, 59),
)
#: Go's zero time, which counts as no time at all.
ZERO = datetime.min.replace(tzinfo=UTC)
_ZONELESS_MAXIMUM = timedelta(hours=24)


class Timestamp(datetime):
    """An aware instant of a request; `text` is how Go prints it: own offset, up to nine digits of fraction, trimmed."""

    text: str = ""


def parse(text: str) -> Timestamp:
    """Reads an RFC 3339 date-time as Go's time.RFC3339Nano does. Raises ValueError where Go would refuse it."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if second > 59:  # Go knows no leap second
        raise ValueError("second out of range")
    fraction, utc, sign, zone_hours, zone_minutes = found.groups()[6:]
    offset = timedelta() if utc else timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    if offset >= _ZONELESS_MAXIMUM:
        raise ValueError("time zone offset out of range")
    zone = UTC if not offset else timezone(-offset if sign == "-" else offset)
    digits = (fraction or "").ljust(9, "0")[:9]
    made = Timestamp(year, month, day, hour, minute, second, int(digits[:6]), zone)
    made.text = _go_text(made, digits)
    return _inside_utc(made)


def parse_date(text: str) -> Timestamp:
    """Reads a date alone (midnight UTC). Raises ValueError with Go's text, without the words `parsing time`."""
    year, month, day = _date_parts(text)
    if day < 1 or year < 1 or day > calendar.monthrange(year, month)[1]:
        raise ValueError(f'parsing time "{text}": day out of range')
    made = Timestamp(year, month, day, tzinfo=UTC)
    made.text = _go_text(made, "")
    return made


def refusal(text: str) -> str:
    """What Go's time.Parse says of a text that is no RFC 3339 date-time."""
    rest = text
    for width, layout, literal, name, low, high in _LAYOUT:
        digits = rest[:width]
        if len(digits) < width or not (digits.isascii() and digits.isdigit()):
            return _cannot(text, rest, layout, _RFC3339_LAYOUT)
        if not low <= int(digits) <= high:
            return f'parsing time "{text}": {name} out of range'
        rest = rest[width:]
        if literal and not rest.startswith(literal):
            return _cannot(text, rest, literal, _RFC3339_LAYOUT)
        rest = rest[len(literal) :]
    rest = re.sub(r"^[.,]\d+", "", rest)
    zone = re.match(r"Z|[+-]\d\d:\d\d", rest)
    if zone is None:
        return _cannot(text, rest, "Z07:00", _RFC3339_LAYOUT)
    if rest[zone.end() :]:
        return f'parsing time "{text}": extra text: "{rest[zone.end() :]}"'
    return f'parsing time "{text}": day out of range'


def format_instant(moment: datetime) -> str:
    """RFC 3339 as Go prints it: `Z` for UTC, microseconds at most, trailing zeros trimmed."""
    return _go_text(moment, f"{moment.microsecond:06d}")


def format_seconds(moment: datetime) -> str:
    """RFC 3339 with whole seconds."""
    return _go_text(moment, "")


def _go_text(moment: datetime, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    offset = moment.strftime("%z")
    zone = "Z" if offset in ("", "+0000") else f"{offset[:3]}:{offset[3:5]}"
    head = (
        f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
        f"T{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    )
    return f"{head}.{fraction}{zone}" if fraction else f"{head}{zone}"


def _inside_utc(moment: Timestamp) -> Timestamp:
    """The first and last hours of the calendar may lie outside of it in UTC; then the nearest instant inside stands."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        first = moment.year == 1
        nearest = Timestamp(1, 1, 1, tzinfo=UTC) if first else Timestamp(9999, 12, 31, 23, 59, 59, 999999, UTC)
        nearest.text = moment.text
        return nearest
    return moment


def _date_parts(text: str) -> tuple[int, int, int]:
    rest = text
    year, rest = _number(text, rest, 4, "2006")
    rest = _literal(text, rest)
    month, rest = _number(text, rest, 2, "01")
    if not 1 <= month <= 12:
        raise ValueError(f'parsing time "{text}": month out of range')
    rest = _literal(text, rest)
    day, rest = _number(text, rest, 2, "02")
    if rest:
        raise ValueError(f'parsing time "{text}": extra text: "{rest}"')
    return year, month, day


def _number(text: str, rest: str, width: int, layout: str) -> tuple[int, str]:
    digits = rest[:width]
    if len(digits) < width or not digits.isascii() or not digits.isdigit():
        raise ValueError(_cannot(text, rest, layout))
    return int(digits), rest[width:]


def _literal(text: str, rest: str) -> str:
    if not rest.startswith("-"):
        raise ValueError(_cannot(text, rest, "-"))
    return rest[1:]


def _cannot(text: str, rest: str, part: str, layout: str = _DATE_LAYOUT) -> str:
    return f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{part}"'
