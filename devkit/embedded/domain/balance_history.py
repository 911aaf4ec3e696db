"""The history of a balance: windows of equal size with what was used in them, over the segments of the engine."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import fsum
from typing import Any

from devkit.embedded.domain.credits import Segment
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.go_time import add_date
from devkit.embedded.domain.timestamps import format_instant

_LENGTHS = {"MINUTE": timedelta(minutes=1), "HOUR": timedelta(hours=1)}
_MOST_WINDOWS = 600_000


@dataclass(frozen=True)
class Range:
    """What is asked for.

    start, end: from the last reset to now where None
    size:       of windows: MINUTE, HOUR, DAY or MONTH; days and months are those of the offset of `start`
    zone:       in which windows are shown; what was used in one is found only where the zone has the same window
    """

    start: datetime | None
    end: datetime | None
    size: str
    zone: tzinfo


@dataclass(frozen=True)
class Window:
    """Its bounds have the offset that the history was asked for with."""

    start: datetime
    end: datetime


def windows(size: str, start: datetime, end: datetime, measured_from: datetime) -> list[Window]:
    """All windows of the range that begin with or after the start of measurement; the last one is whole.

    size: MINUTE, HOUR, DAY or MONTH. Days and months are those of the offset of `start`.
    Raises Invalid where there are too many.
    """
    found = []
    try:
        for window in _from(size, _floored(size, start), end):
            if window.start >= measured_from:
                found.append(window)
            if len(found) > _MOST_WINDOWS:
                raise Invalid(f"the range has more than {_MOST_WINDOWS} windows")
    except OverflowError:
        raise Invalid("the range ends beyond the calendar") from None
    return found


def shown_windows(
    found: Iterable[Window],
    used: Mapping[tuple[int, int], float],
    segments: Sequence[Segment],
    usage_between: Callable[[datetime, datetime], float],
    zone: tzinfo,
) -> list[dict[str, Any]]:
    """BalanceHistoryWindows: the balance runs down in a segment, and begins anew with the next one.

    used:          what was used by start and end of windows (epoch seconds), where anything was
    usage_between: what was used between the start of a segment and the first window that begins in it
    """
    starts = [segment.start for segment in segments]
    body: list[dict[str, Any]] = []
    number, balance = -1, 0.0
    for window in found:
        current = max(bisect_right(starts, window.start) - 1, 0)
        if current != number:
            number, before = current, usage_between(starts[current], window.start)
            balance = max(0.0, fsum(segments[number].balances.values()) - before)
        usage = used.get((round(window.start.timestamp()), round(window.end.timestamp())), 0.0)
        period = _period(window.start.astimezone(zone), window.end.astimezone(zone))
        body.append({"balanceAtStart": balance, "period": period, "usage": usage})
        balance = max(0.0, balance - usage)
    return body


def shown_segments(segments: Sequence[Segment], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """GrantBurnDownHistorySegments; the bounds that are those of the range keep its offset."""
    return [_segment(segment, start, end) for segment in segments]


def _segment(segment: Segment, start: datetime, end: datetime) -> dict[str, Any]:
    bounds = (_as_given(segment.start, start, end), _as_given(segment.end, start, end))
    left = segment.balances_at_end
    return {
        "period": _period(*bounds),
        "usage": segment.usage,
        "overage": segment.overage,
        "balanceAtStart": fsum(segment.balances.values()),
        "grantBalancesAtStart": dict(segment.balances),
        "balanceAtEnd": fsum(left.values()),
        "grantBalancesAtEnd": left,
        "grantUsages": [{"grantId": grant_id, "usage": burnt} for grant_id, burnt in segment.burnt],
    }


def _as_given(moment: datetime, start: datetime, end: datetime) -> datetime:
    return next((given for given in (start, end) if given == moment), moment)


def _period(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": format_instant(start), "to": format_instant(end)}


def _from(size: str, start: datetime, end: datetime) -> Iterator[Window]:
    while start < end:
        following = _next(size, start)
        yield Window(start, following)
        start = following


def _next(size: str, start: datetime) -> datetime:
    if size in _LENGTHS:
        return start + _LENGTHS[size]
    return add_date(start, days=1) if size == "DAY" else add_date(start, months=1)


def _floored(size: str, moment: datetime) -> datetime:
    """The start of the window; hours are whole ones of UTC."""
    if size in _LENGTHS:
        seconds = _LENGTHS[size].total_seconds()
        return moment - timedelta(seconds=moment.timestamp() % seconds)
    day = 1 if size == "MONTH" else moment.day
    return moment.replace(day=day, hour=0, minute=0, second=0, microsecond=0)
