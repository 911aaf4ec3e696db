"""All that the embedded server remembers, opened from one folder."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.ids import IdSource
from devkit.embedded.store.records import Records
from devkit.embedded.store.usage import UsageStore


class Store:
    """The documents, the events and the usage in them, the clock and the source of ids."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        """Opens (and where new, makes) the data folder. Raises OSError where it cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock or Clock()
        self.ids = IdSource()
        with ExitStack() as opened:  # where one part cannot be opened, the others are closed again
            self.events = EventStore(folder / "events", self.clock)
            opened.callback(self.events.close)
            self.records = Records(folder / "records.sqlite")
            opened.callback(self.records.close)
            self.usage = UsageStore(self.events)
            opened.pop_all()

    def now(self) -> datetime:
        return self.clock.now()

    def new_id(self) -> str:
        return self.ids.new(self.clock.now())

    def close(self) -> None:
        self.usage.close()
        self.events.close()
        self.records.close()
