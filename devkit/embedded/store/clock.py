"""The one clock of the embedded server. Nothing else in it reads the time."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The system's time, moved by an offset that only grows, so that a year can pass in seconds."""

    def __init__(self, start: datetime | None = None) -> None:
        """start: the instant at which this clock begins; the present where None. It then runs on."""
        self._offset = timedelta() if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        """The current instant, aware, UTC, with microseconds."""
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Moves the clock forward and returns the new present. Raises ValueError where `by` is negative."""
        if by < timedelta():
            raise ValueError("the clock only moves forward")
        self._offset += by
        return self.now()
