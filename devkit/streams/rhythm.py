"""When things happen: how much of a week's events falls into each of its hours, in UTC.

The weights are whole numbers, so that counts are exact.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Rhythm(NamedTuple):
    """hours: weights of the 24 hours of a day; days: weights of Monday to Sunday."""

    hours: tuple[int, ...]
    days: tuple[int, ...]


RHYTHMS: Mapping[str, Rhythm] = {
    "business": Rhythm(
        hours=(3, 2, 2, 2, 3, 5, 9, 16, 26, 36, 40, 38, 33, 36, 40, 39, 34, 27, 19, 14, 11, 9, 6, 4),
        days=(10, 11, 11, 11, 9, 4, 3),
    ),
    "evening": Rhythm(
        hours=(14, 9, 5, 3, 3, 4, 7, 11, 13, 14, 15, 17, 19, 18, 18, 20, 23, 28, 34, 40, 44, 42, 34, 23),
        days=(9, 9, 9, 10, 12, 13, 12),
    ),
    "flat": Rhythm(hours=(1,) * 24, days=(1,) * 7),
}
_THURSDAY = 3  # the weekday on which Unix time begins
DAY = 86_400
WEEK = 7 * DAY


def weights(rhythm: str, span: int) -> tuple[int, ...]:
    """The weights of the hours, from the beginning of Unix time on, over and over.

    span: seconds of the stream's range. Under a week all days are alike, under a day all hours.
    """
    curve = RHYTHMS[rhythm]
    if span < DAY:
        return (1,)
    if span < WEEK:
        return curve.hours
    days = curve.days[_THURSDAY:] + curve.days[:_THURSDAY]
    return tuple(day * hour for day in days for hour in curve.hours)
