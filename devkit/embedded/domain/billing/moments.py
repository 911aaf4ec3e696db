"""Moments of billing."""

from datetime import datetime

from devkit.embedded.domain import calendar_arithmetic
from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.errors import InternalFailure


def after(moment: datetime, duration: Duration) -> datetime:
    """The moment plus the duration. Raises InternalFailure beyond the calendar: OpenMeter cannot show such a date."""
    try:
        return calendar_arithmetic.after(moment, duration)
    except OverflowError as error:
        raise InternalFailure(str(error)) from error
