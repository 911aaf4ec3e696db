"""The segment log: accepted events as lines of JSON in numbered files, until they are in DuckDB.

One line is one acknowledged request, so a request is kept whole or not at all. Appending is the acknowledgement: a line
that was written survives the end of the process, and with `sync` also the end of the machine.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

Sync = Literal["off", "background", "each"]

_SYNC_PAUSE_SECONDS = 0.005
_force = getattr(os, "fdatasync", os.fsync)
_log = logging.getLogger(__name__)


class SegmentLog:
    """An append-only log in one folder.

    segment_bytes: the size at which a segment ends and the next one begins.
    sync: when lines are forced onto the disk: `each` before append returns, `background` within some milliseconds (they
    are lost only where the machine itself stops), `off` when the system pleases.
    """

    def __init__(self, folder: Path, sync: Sync, segment_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.sync = sync
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._closed = sorted(folder.glob("*.ndjson"))
        self._next = int(self._closed[-1].stem) + 1 if self._closed else 1
        self._active: tuple[Path, int] | None = None
        self._active_size = 0
        self.size = sum(_drop_torn_tail(path) for path in self._closed)
        self._unforced = threading.Event()
        self._stopping = False
        self._syncer = threading.Thread(target=self._force_in_background, name="events-sync", daemon=True)
        if sync == "background":
            self._syncer.start()

    def append(self, lines: Callable[[], bytes]) -> None:
        """Writes lines, made under the lock so that their numbers follow the order of the log.

        Raises OSError where the disk is full or gone; then nothing of the lines is kept.
        """
        with self._lock:
            descriptor = self._open()
            content = lines()
            try:
                _write_all(descriptor, content)
                if self.sync == "each":
                    _force(descriptor)
            except OSError:
                self._take_back(descriptor)
                raise
            self._active_size += len(content)
            self.size += len(content)
            ended = self._end_active() if self._active_size > self._segment_bytes else None
        if ended is not None:
            self._close(ended)
        elif self.sync == "background":
            self._unforced.set()

    def pending(self) -> bool:
        """Whether there are lines that have not been removed."""
        return bool(self._active_size or self._closed)

    def rotate(self) -> list[Path]:
        """Ends the open segment; all segments that can be read and removed, oldest first."""
        with self._lock:
            ended = self._end_active() if self._active_size else None
            segments = list(self._closed)
        if ended is not None:
            self._close(ended)
        return segments

    def remove(self, segment: Path) -> None:
        """Deletes a segment whose lines are stored elsewhere."""
        size = segment.stat().st_size
        segment.unlink()
        with self._lock:
            self._closed.remove(segment)
            self.size -= size

    def close(self) -> None:
        self._stopping = True
        self._unforced.set()
        if self._syncer.is_alive():
            self._syncer.join()
        self.rotate()
        with self._lock:
            if self._active:
                os.close(self._active[1])
                self._active[0].unlink(missing_ok=True)
                self._active = None

    def _open(self) -> int:
        if self._active is None:
            path = self._folder / f"{self._next:012d}.ndjson"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            self._next += 1
            self._active, self._active_size = (path, descriptor), 0
            if self.sync != "off":
                _force_folder(self._folder)
        return self._active[1]

    def _end_active(self) -> int:
        assert self._active is not None
        path, descriptor = self._active
        self._closed.append(path)
        self._active, self._active_size = None, 0
        return descriptor

    def _close(self, descriptor: int) -> None:
        if self.sync != "off":
            _force(descriptor)
        os.close(descriptor)

    def _take_back(self, descriptor: int) -> None:
        try:
            os.ftruncate(descriptor, self._active_size)
        except OSError:  # the torn line stays the last of its segment; whoever reads that drops it
            _log.exception("a half-written line could not be taken back")
            os.close(self._end_active())

    def _force_in_background(self) -> None:
        while not self._stopping:
            self._unforced.wait()
            self._unforced.clear()
            with self._lock:
                copy = os.dup(self._active[1]) if self._active else None
            if copy is not None:
                _force(copy)
                os.close(copy)
            threading.Event().wait(_SYNC_PAUSE_SECONDS)


def _write_all(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):
        written += os.write(descriptor, content[written:])


def _drop_torn_tail(path: Path) -> int:
    """Cuts off what follows the last newline: a line that the process did not live to acknowledge. The size left."""
    with path.open("rb+") as file:
        end = size = file.seek(0, os.SEEK_END)
        step = 1 << 16
        while end > 0:
            start = max(0, end - step)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            _log.warning("%s: dropped %d bytes of a line that was never acknowledged", path.name, size - end)
            file.truncate(end)
        return end


def _force_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
