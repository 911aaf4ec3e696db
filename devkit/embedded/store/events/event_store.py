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
from devkit.embedded.store.events.database import EventDatabase, encode_columns, lines
from devkit.embedded.store.events.folder_lock import FolderLock
from devkit.embedded.store.events.segments import SegmentLog, Sync

_SEGMENT_BYTES = 32 << 20
_BACKLOG_BYTES = 512 << 20
_BACKLOG_WAIT_SECONDS = 30.0
_FLUSH_PAUSE_SECONDS = 0.05
_FAILURE_PAUSE_SECONDS = 1.0
_IDLE_SECONDS = 3.0
_log = logging.getLogger(__name__)


class EventStore:
    """Keeps events and answers questions about them with everything acknowledged so far.

    Raises FolderInUseError where another process has the folder open, OSError where it cannot be written.
    """

    def __init__(self, folder: Path, clock: Clock, *, sync: Sync = "background", memory_limit: str = "512MB") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FolderLock(folder)
        self._folder = folder
        self._clock = clock
        self._database = EventDatabase(folder / "events.duckdb", memory_limit)
        self._log = SegmentLog(folder / "log", sync, _SEGMENT_BYTES)
        self._flush_lock = threading.Lock()
        self._wake = threading.Condition()
        self._stopping = False
        self._said = ""
        self._shrunk = False
        self._used = time.monotonic()
        self._replay()
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
            self._log.append(lambda: self._numbered(accepted_at, columns, len(events)))
        except OSError as error:
            raise Unavailable(f"the events were not kept: {error.strerror or error}") from error
        if not was_pending or self._log.size > _SEGMENT_BYTES:
            self._notify()

    def flush(self) -> None:
        """Stores everything that was acknowledged before the call."""
        if not self._log.pending():
            return
        with self._flush_lock:
            for segment in self._log.rotate():
                stored_at = int(self._clock.now().timestamp())
                self._database.store(segment, stored_at, self._folder / "quarantine.ndjson")
                self._log.remove(segment)
            self._said = ""
        self._notify()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB cursor that sees every event acknowledged so far. Raises Unavailable where they cannot be stored."""
        try:
            self.flush()
        except (OSError, duckdb.Error) as error:
            self._failed(error)
            raise Unavailable(f"the latest events could not be stored: {error}") from error
        self._used = time.monotonic()
        try:
            with self._database.cursor() as cursor:
                yield cursor
        finally:
            self._used = time.monotonic()
            if self._shrunk:
                self._shrunk = False
                self._notify()

    def close(self) -> None:
        """Stores what is left and lets go of the folder."""
        self._stopping = True
        self._notify()
        self._flusher.join()
        try:
            self.flush()
        except (OSError, duckdb.Error) as error:
            self._failed(error)
        self._log.close()
        self._database.close()
        self._lock.release()

    def _replay(self) -> None:
        """Stores what a process that ended without notice left behind. Raises OSError where that fails."""
        try:
            self.flush()
        except duckdb.Error as error:
            raise OSError(f"events in the log cannot be stored: {error}") from error

    def _numbered(self, accepted_at: int, columns: Sequence[bytes], count: int) -> bytes:
        first = self._next_seq
        self._next_seq += count
        return lines(first, accepted_at, columns)

    def _wait_for_room(self, seconds: float) -> None:
        with self._wake:
            if not self._wake.wait_for(lambda: self._log.size <= _BACKLOG_BYTES or self._stopping, seconds):
                raise Unavailable("the events were not kept: they arrive faster than they can be stored")

    def _failed(self, error: Exception) -> None:
        """Says why once, not every second. The events wait in the log."""
        if str(error) != self._said:
            _log.error("events wait in the log because they cannot be stored: %s", error)
        self._said = str(error)
        if isinstance(error, duckdb.FatalException):
            with self._flush_lock:
                self._database.reopen()

    def _notify(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _flush_in_background(self) -> None:
        pause = _FLUSH_PAUSE_SECONDS
        while not self._stopping:
            if not self._await_lines(pause):
                continue
            started = time.monotonic()
            try:
                self.flush()
            except (OSError, duckdb.Error) as error:
                self._failed(error)
                pause = _FAILURE_PAUSE_SECONDS
            else:
                self._used = time.monotonic()
                pause = max(_FLUSH_PAUSE_SECONDS, 5 * (self._used - started))

    def _await_lines(self, pause: float) -> bool:
        """Whether there is something to flush; waits for more of it a while. Without work, memory is given back."""
        idle = self._shrunk
        with self._wake:
            self._wake.wait_for(
                lambda: self._stopping or self._log.pending() or self._shrunk != idle, None if idle else _IDLE_SECONDS
            )
            if self._log.pending():
                self._shrunk = False
                self._wake.wait_for(lambda: self._stopping or self._log.size > _SEGMENT_BYTES, pause)
                return True
        if not self._shrunk and time.monotonic() - self._used >= _IDLE_SECONDS:
            self._shrunk = self._database.shrink()
        return False
