"""Durations on the calendar: where a duration leads to from a moment. Months end no later than their last day."""

import calendar
from datetime import datetime, timedelta

from devkit.embedded.domain.durations import Duration


def after(moment: datetime, duration: Duration) -> datetime:
    """The moment plus the duration: first years, then months (each kept inside its month), then all that has a length.

    Fractions count for seconds only. Raises OverflowError beyond the calendar.
    """
    whole = {name: int(part) for name, part in zip(_NAMES, duration.parts, strict=True)}
    shifted = _months_later(_months_later(moment, 12 * whole["years"]), whole["months"])
    microseconds = int(duration.seconds * 1_000_000)
    return shifted + timedelta(
        weeks=whole["weeks"],
        days=whole["days"],
        hours=whole["hours"],
        minutes=whole["minutes"],
        microseconds=microseconds,
    )


_NAMES = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


def _months_later(moment: datetime, months: int) -> datetime:
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("beyond the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
