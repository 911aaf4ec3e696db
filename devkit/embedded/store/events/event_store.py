"""The events of the embedded server: acknowledged by the segment log, stored and deduplicated by DuckDB."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from devkit.embedded.domain.errors import Unavailable
from devkit.embedded.domain.events import Event
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events.database import EventDatabase, encode_columns, line
from devkit.embedded.store.events.segments import SegmentLog, Sync

_SEGMENT_BYTES = 32 << 20
_BACKLOG_BYTES = 512 << 20
_BACKLOG_WAIT_SECONDS = 30.0
_FLUSH_PAUSE_SECONDS = 0.05
_log = logging.getLogger(__name__)


class EventStore:
    """Keeps events and answers questions about them with everything acknowledged so far.

    Raises FolderInUseError where another process has the folder open, OSError where it cannot be written.
    """

    def __init__(self, folder: Path, clock: Clock, *, sync: Sync = "background", memory_limit: str = "512MB") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clock = clock
        self._database = EventDatabase(folder / "events.duckdb", memory_limit)
        self._log = SegmentLog(folder / "log", sync)
        self._flush_lock = threading.Lock()
        self._wake = threading.Condition()
        self._stopping = False
        self.flush()  # what a process that ended without notice left behind
        self._next_seq = self._database.next_seq()
        self._flusher = threading.Thread(target=self._flush_in_background, name="events-flush", daemon=True)
        self._flusher.start()

    @property
    def quick(self) -> bool:
        """Whether `append` would return at once: it neither waits for room nor for the disk."""
        return self._log.size <= _BACKLOG_BYTES and self._log.sync != "each"

    def append(self, events: Sequence[Event], *, wait: bool = True) -> None:
        """Acknowledges the events, all or none. Raises Unavailable where the disk is full or the backlog too long.

        wait: whether to wait for room where events arrive faster than they can be stored.
        """
        if not events:
            return
        if self._log.size > _BACKLOG_BYTES:
            self._wait_for_room(_BACKLOG_WAIT_SECONDS if wait else 0)
        accepted_at = int(self._clock.now().timestamp())
        columns = encode_columns(events)
        was_pending = self._log.pending()
        try:
            size = self._log.append(lambda: self._numbered(accepted_at, columns, len(events)))
        except OSError as error:
            raise Unavailable(f"the events were not kept: {error.strerror or error}") from error
        if not was_pending or size > _SEGMENT_BYTES:
            with self._wake:
                self._wake.notify_all()

    def flush(self) -> None:
        """Stores everything that was acknowledged before the call."""
        if not self._log.pending():
            return
        with self._flush_lock:
            for segment in self._log.rotate():
                stored_at = int(self._clock.now().timestamp())
                self._database.store(segment, stored_at, self._folder / "quarantine.ndjson")
                self._log.remove(segment)
        with self._wake:
            self._wake.notify_all()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB cursor that sees every event acknowledged so far. Raises Unavailable where they cannot be stored."""
        try:
            self.flush()
        except (OSError, duckdb.Error) as error:
            _log.exception("events wait in the log: they could not be stored")
            raise Unavailable("the latest events could not be stored; the log of the server says why") from error
        with self._database.cursor() as cursor:
            yield cursor

    def close(self) -> None:
        """Stores what is left and lets go of the folder."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        self._flusher.join()
        self.flush()
        self._log.close()
        self._database.close()

    def _numbered(self, accepted_at: int, columns: bytes, count: int) -> bytes:
        first = self._next_seq
        self._next_seq += count
        return line(first, accepted_at, columns)

    def _wait_for_room(self, seconds: float) -> None:
        with self._wake:
            if not self._wake.wait_for(lambda: self._log.size <= _BACKLOG_BYTES or self._stopping, seconds):
                raise Unavailable("the events were not kept: they arrive faster than they can be stored")

    def _flush_in_background(self) -> None:
        pause = _FLUSH_PAUSE_SECONDS
        while not self._stopping:
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self._log.pending())
                self._wake.wait_for(lambda: self._stopping or self._log.size > _SEGMENT_BYTES, pause)
            started = time.monotonic()
            try:
                self.flush()
            except (OSError, duckdb.Error):
                _log.exception("events wait in the log: they could not be stored")
                pause = 1.0
            else:
                pause = max(_FLUSH_PAUSE_SECONDS, 5 * (time.monotonic() - started))
