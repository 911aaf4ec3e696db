"""Fixing what a stream sends: its range of time, its events and their ids. The present comes in here, as `now`."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from devkit.core.errors import UsageError
from devkit.streams.definition import Stream
from devkit.streams.rhythm import DAY
from devkit.streams.timeline import HOUR, Timeline, timeline

_EARLIEST = DAY  # OpenMeter drops events at the beginning of Unix time, and engines stumble over its first day


@dataclass(frozen=True)
class Wish:
    """What a command asks for in place of what the pack says. Times are epoch seconds, `over` seconds."""

    events: int | None = None
    seed: int | None = None
    over: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class StreamPlan:
    """A stream with everything fixed. The events are those of `first` to before `last` on the timeline."""

    stream: Stream
    start: int
    end: int
    timeline: Timeline
    first: int
    last: int

    @cached_property
    def fingerprint(self) -> str:
        """Stands for what the events are like, not for the range: a range that moves on keeps it."""
        line = self.timeline
        return self.stream.fingerprint(line.events, line.share, line.cell, line.pattern)

    @property
    def id_prefix(self) -> str:
        return f"{self.stream.name}-{self.fingerprint}-"

    @cached_property
    def begin(self) -> int:
        """When the first event happens."""
        return self.timeline.second_of(self.first)

    @cached_property
    def compared_from(self) -> int:
        """From here on all events of the timeline are sent: an earlier one may share the first event's second."""
        shared = self.first > 0 and self.timeline.second_of(self.first - 1) == self.begin
        return self.begin + 1 if shared and self.begin + 1 < self.end else self.begin


def plan_stream(stream: Stream, now: int, wish: Wish | None = None) -> StreamPlan:
    """Fixes a stream. Raises UsageError for a range that makes no sense."""
    wish = wish or Wish()
    fixed = replace(
        stream,
        events=stream.events if wish.events is None else wish.events,
        seed=stream.seed if wish.seed is None else wish.seed,
    )
    start, end = _range(stream, now, wish)
    line = timeline(f"{fixed.name}/{fixed.seed}", fixed.events, start, end, fixed.rhythm)
    last = line.index_at(end)
    return StreamPlan(fixed, start, end, line, last - fixed.events, last)


def _range(stream: Stream, now: int, wish: Wish) -> tuple[int, int]:
    asked = wish.over is not None or wish.start is not None
    over, start = (wish.over, wish.start) if asked else (stream.over, stream.start)
    end = wish.end if wish.end is not None else None if asked else stream.end
    if end is None:
        end = _recent(now, over if start is None else now - start)
    if start is None:
        start = end - (over or 0)
    if start >= end:
        raise UsageError(f"the range of the stream {stream.name} is empty: {utc(start)} to {utc(end)}")
    if end > now:
        raise UsageError(
            f"the range of the stream {stream.name} ends in the future: {utc(end)}", hint="give an earlier --to"
        )
    if start < _EARLIEST:
        raise UsageError(f"the range of the stream {stream.name} begins before 1970-01-02")
    return start, end


def _recent(now: int, span: int | None) -> int:
    """Where a range ends that nobody fixed: short ranges move on sooner, long ones once a day."""
    step = DAY if (span or DAY) >= DAY else HOUR if (span or 0) >= HOUR else 60
    return now - now % step


def utc(second: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
