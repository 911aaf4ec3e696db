"""All that the embedded server remembers, opened from one folder."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from devkit.embedded.store.clock import open_clock, remember
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.ids import IdSource
from devkit.embedded.store.records import Records
from devkit.embedded.store.usage import SubjectUsage, UsageStore


class Store:
    """The documents, the events and the usage in them, the clock and the source of ids."""

    def __init__(self, folder: Path, start: datetime | None = None) -> None:
        """Opens (and where new, makes) the data folder.

        start: where its clock begins; None: where it was left, in a new folder at the present
        Raises OSError where the folder cannot be written, ClockError where its data are later than `start`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.ids = IdSource()
        with ExitStack() as opened:  # where one part cannot be opened, the others are closed again
            self.records = Records(folder / "records.sqlite")
            opened.callback(self.records.close)
            self.clock = open_clock(self.records, start)
            self.events = EventStore(folder / "events", self.clock)
            opened.callback(self.events.close)
            remember(self.records, self.clock)  # now that it is certain that no other process has the folder
            self.usage = UsageStore(self.events)
            self.subject_usage = SubjectUsage(self.events, self.usage)
            opened.pop_all()

    def now(self) -> datetime:
        return self.clock.now()

    def advance_clock(self, to: datetime) -> None:
        """Moves the clock forward, for good. What was acknowledged before is stored before. Raises ClockError."""
        with self.records.transaction():
            self.events.flush()
            self.clock.advance(to)
            remember(self.records, self.clock)

    def new_id(self) -> str:
        return self.ids.new(self.clock.now())

    def close(self) -> None:
        self.usage.close()
        self.events.close()
        self.records.close()
