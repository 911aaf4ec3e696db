"""Spans of time: from an instant (included) to another one (excluded), or without an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from devkit.embedded.domain.durations import Duration

_MICROSECOND = timedelta(microseconds=1)
_HALF_A_MICROSECOND = Duration(seconds=Decimal("0.0000005"))


@dataclass(frozen=True)
class Span:
    """end: None where there is none; nothing is inside where it is not after the start."""

    start: datetime
    end: datetime | None = None

    def contains(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def common(self, other: "Span") -> "Span | None":
        """What both have in common; None where they only touch or do not meet."""
        start, end = max(self.start, other.start), _earlier(self.end, other.end)
        return Span(start, end) if end is None or start < end else None

    def without(self, other: "Span") -> list["Span"]:
        """What is left of this one outside of the other, in the order of time."""
        common = self.common(other)
        if common is None:
            return [self]
        before = [Span(self.start, common.start)] if self.start < common.start else []
        after = [Span(common.end, self.end)] if common.end is not None and common.end != self.end else []
        return before + after

    def covers(self, other: "Span") -> bool:
        """Whether all of the other one is in this one; a span that only touches is not."""
        if self.start > other.start or self.start == other.end or self.end == other.start:
            return False
        return self.end is None or (other.end is not None and other.end <= self.end)

    def joined(self, other: "Span") -> "Span":
        """From the earlier start to the later end."""
        end = None if self.end is None or other.end is None else max(self.end, other.end)
        return Span(min(self.start, other.start), end)


@dataclass(frozen=True)
class Moment:
    """When an edit takes effect.

    at_once: it is the present rather than an instant that can be computed. OpenMeter's clock counts nanoseconds, which
             it keeps in durations and loses in instants, so that the two never meet again; half a microsecond more
             in the durations shows this here.
    """

    at: datetime
    at_once: bool = False

    def since(self, start: datetime) -> Duration:
        """How long after the start."""
        elapsed = between(start, self.at)
        return elapsed + _HALF_A_MICROSECOND if self.at_once else elapsed


def between(start: datetime, end: datetime) -> Duration:
    """The time between two instants in hours, minutes and seconds."""
    return Duration(seconds=Decimal((end - start) // _MICROSECOND) / 1_000_000).normalised()


def is_exact(duration: Duration) -> bool:
    """Whether it leads from one microsecond to another one."""
    return duration.seconds * 1_000_000 % 1 == 0


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
