"""Instants as Go prints them inside error texts, and Go's arithmetic on them."""

import re
from datetime import datetime, timedelta

from devkit.embedded.domain.timestamps import Timestamp

MINUTE = timedelta(minutes=1)
_LAST_YEAR = 9999


def text(moment: datetime) -> str:
    """`2024-01-01 00:00:00.5 +0000 UTC`; an offset is printed twice where the zone has no name."""
    digits = _fraction(moment)
    offset = moment.strftime("%z")[:5]
    zone = "UTC" if offset == "+0000" else offset
    return f"{moment.year:04d}-{moment:%m-%d %H:%M:%S}{'.' if digits else ''}{digits} {offset} {zone}"


def floor_minute(moment: datetime) -> datetime:
    """The start of the minute, in the offset of the moment."""
    return moment.replace(second=0, microsecond=0)


def ceil_minute(moment: datetime) -> datetime:
    """The moment where it is a whole minute, else the start of the next one, as long as there is one."""
    floored = floor_minute(moment)
    if floored == moment:
        return floored
    try:
        return floored + MINUTE
    except OverflowError:
        return floored


def add_date(moment: datetime, *, years: int = 0, months: int = 0, days: int = 0) -> datetime:
    """Go's AddDate: a day that the month lacks runs over into the next one (31 January and a month is 3 March).

    Raises OverflowError beyond the calendar.
    """
    year, month = divmod(moment.year * 12 + moment.month - 1 + years * 12 + months, 12)
    if not 1 <= year <= _LAST_YEAR:
        raise OverflowError("beyond the calendar")
    first = moment.replace(year=year, month=month + 1, day=1)
    return first + timedelta(days=moment.day - 1 + days)


def _fraction(moment: datetime) -> str:
    """Nine digits at most, trimmed; those of the request where the moment came with one."""
    digits = f"{moment.microsecond:06d}"
    found = re.search(r"\.(\d+)", moment.text) if isinstance(moment, Timestamp) and moment.microsecond else None
    return (found.group(1) if found else digits).rstrip("0")
