"""The one clock of the embedded server. Nothing else in it reads the time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from devkit.embedded.domain.timestamps import format_instant, format_seconds
from devkit.embedded.store.records import Records

#: Beyond these a clock is of no use: ids and calendar arithmetic need room on both sides.
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_KIND = _ID = "clock"


class ClockError(ValueError):
    """The clock cannot be set so: it only moves forward, and within bounds. The message says why."""


class Clock:
    """The system's time and an offset that only grows, so that a year can pass in seconds."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._local = threading.local()

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of the system's (behind it where negative)."""
        return self._offset

    def now(self) -> datetime:
        """The current instant, aware, UTC, with microseconds."""
        looked_back_at: datetime | None = getattr(self._local, "moment", None)
        return looked_back_at or datetime.now(UTC) + self._offset

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """It is this moment for what runs in the block: work that fell due before the clock was moved on.

        A moment that has not come is the present. Other threads do not notice.
        """
        before = getattr(self._local, "moment", None)
        self._local.moment = min(moment, self.now())
        try:
            yield
        finally:
            self._local.moment = before

    def advance(self, to: datetime) -> None:
        """Moves the clock forward; it runs on from there. Raises ClockError."""
        system = datetime.now(UTC)
        _check(to, system + self._offset)
        self._offset = to - system


def open_clock(records: Records, start: datetime | None) -> Clock:
    """The clock of these records: where it was left, and on by the time that passed since.

    start: the instant at which the clock of new records begins; for others it may not lie in their past
    Raises ClockError.
    """
    known = records.get(_KIND, _ID)
    clock = Clock(timedelta(microseconds=known["offsetMicroseconds"]) if known else timedelta())
    if start is None:
        return clock
    if known:
        _check(start, clock.now())
    elif not EARLIEST <= start <= LATEST:
        raise ClockError(f"the clock goes from {_text(EARLIEST)} to {_text(LATEST)}, {_text(start)} is outside")
    return Clock(start - datetime.now(UTC))


def remember(records: Records, clock: Clock) -> None:
    """Writes down how the clock is set, for the next start."""
    microseconds = clock.offset // timedelta(microseconds=1)
    moment = format_instant(clock.now())
    records.put(_KIND, {"id": _ID, "createdAt": moment, "offsetMicroseconds": microseconds})


def _check(to: datetime, now: datetime) -> None:
    if to < now:
        raise ClockError(f"the clock stands at {_text(now)} and only moves forward, not to {_text(to)}")
    if to > LATEST:
        raise ClockError(f"the clock goes no further than {_text(LATEST)}, not to {_text(to)}")


def _text(moment: datetime) -> str:
    return format_seconds(moment.astimezone(UTC))
