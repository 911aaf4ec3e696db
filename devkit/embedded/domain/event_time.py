"""The time of an event: an RFC 3339 date-time as Go reads it, in whole seconds of the epoch."""

import re
from datetime import date

#: ClickHouse's DateTime ends here, 2106-02-07.
LATEST = (1 << 32) - 1
#: Go's zero time, 0001-01-01T00:00:00Z, which counts as no time at all.
ZERO = -62135596800

_EPOCH = date(1970, 1, 1).toordinal()
_YEARS_400 = 146097  # days
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def epoch_seconds(text: str) -> int:
    """Rounded down. The text has passed the schema's pattern. Raises ValueError where Go finds no such instant.

    Python's calendar begins with the year 1, Go's with the year 0; Go takes offsets of 24 hours and of 60 minutes.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    sign, zone_hours, zone_minutes = found.group(7), int(found.group(8) or 0), int(found.group(9) or 0)
    if second > 59 or zone_hours > 24 or zone_minutes > 60:
        raise ValueError(f"out of range: {text}")
    days = date(year or 400, month, day).toordinal() - _EPOCH - (0 if year else _YEARS_400)
    moment = days * 86400 + hour * 3600 + minute * 60 + second
    offset = zone_hours * 3600 + zone_minutes * 60
    return moment + offset if sign == "-" else moment - offset
