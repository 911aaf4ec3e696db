"""What happens again and again: an interval counted from an anchor, into the past as well as into the future.

Each occurrence is computed from the anchor, so nothing drifts: a month after 31 January is 29 February, two months
after it 31 March.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from devkit.embedded.domain import durations
from devkit.embedded.domain.calendar_arithmetic import after
from devkit.embedded.domain.durations import HOUR, Duration, DurationError
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.instants import instant

#: OpenMeter's names of intervals; they are shown instead of any duration that is as long.
NAMED = {"DAY": "P1D", "WEEK": "P1W", "MONTH": "P1M", "YEAR": "P1Y"}


@dataclass(frozen=True)
class Recurrence:
    """An interval, longer than nothing, and one of its occurrences. The anchor is aware, UTC."""

    interval: Duration
    anchor: datetime

    def nth(self, number: int) -> datetime:
        """The occurrence so many intervals after the anchor, before it where negative. Raises Invalid."""
        return _nth(self.interval, self.anchor, number)

    def number_at(self, moment: datetime) -> int:
        """The number of the last occurrence that is not after the moment. Raises Invalid for P0D."""
        if self.interval.sign <= 0:
            raise Invalid("recurrence interval must be positive")
        length = float(self.interval.seconds_with(days_in_month=30, hours_in_day=24)) or 1.0
        number = int((moment - self.anchor).total_seconds() // length)
        while self.nth(number) > moment:
            number -= 1
        while self.nth(number + 1) <= moment:
            number += 1
        return number

    def period_at(self, moment: datetime) -> tuple[datetime, datetime]:
        """Start (included) and end (excluded) of the period that contains the moment."""
        number = self.number_at(moment)
        return self.nth(number), self.nth(number + 1)

    def number_from(self, moment: datetime) -> int:
        """The number of the first occurrence at or after the moment."""
        number = self.number_at(moment)
        return number if self.nth(number) == moment else number + 1

    def next_from(self, moment: datetime) -> datetime:
        """The first occurrence at or after the moment."""
        return self.nth(self.number_from(moment))


def interval_of(text: str) -> Duration:
    """Reads DAY, WEEK, MONTH, YEAR or an ISO 8601 duration. Raises InternalFailure: OpenMeter answers `P` so."""
    try:
        return durations.parse(NAMED.get(text.upper(), text))
    except DurationError as error:
        raise InternalFailure(str(error)) from error


def shown(interval: Duration, anchor: str) -> dict[str, Any]:
    """A RecurringPeriod of the API."""
    return {"anchor": anchor, "interval": _name(interval), "intervalISO": str(interval)}


def read(recurring_period: Mapping[str, Any]) -> Recurrence:
    """The recurrence of a RecurringPeriod that `shown` made."""
    return _read(recurring_period["intervalISO"], recurring_period["anchor"])


def is_too_short(interval: Duration) -> bool:
    """Whether it is shorter than an hour."""
    return (interval - HOUR).sign < 0


@lru_cache(4096)
def _nth(interval: Duration, anchor: datetime, number: int) -> datetime:
    try:
        return after(anchor, interval * number)
    except OverflowError as error:
        raise Invalid("a period ends beyond the calendar") from error


@lru_cache(1024)
def _read(interval: str, anchor: str) -> Recurrence:
    return Recurrence(durations.parse(interval), instant(anchor))


@lru_cache(1024)
def _name(interval: Duration) -> str:
    """Its name where it has one; 24 hours count as a day here."""
    exact = interval.normalised()
    days, hours = divmod(exact.hours, 24)
    normalised = Duration(
        exact.years, exact.months, exact.weeks, exact.days + days, hours, exact.minutes, exact.seconds
    )
    form = str(normalised.normalised())
    return next((name for name, duration in NAMED.items() if duration == form), str(interval))
