"""What the server does without being asked: jobs that run when the clock was moved, and in between in real time."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from devkit.embedded.store.store import Store

PAUSE_SECONDS = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Work that falls due with time.

    run: gets the store and the present; it does, in the order of their instants, all things that fell due up to then,
         and finds nothing to do where it is called again. It runs in one transaction: a failure leaves no half of it.
    """

    name: str
    run: Callable[[Store, datetime], object]


class BackgroundWork:
    """Runs all jobs, one after another in the order of the rows, and never two at a time."""

    def __init__(self, store: Store, jobs: Sequence[Job]) -> None:
        self._store = store
        self._jobs = tuple(jobs)
        self._running = threading.Lock()
        self._end = threading.Event()

    def run_due(self) -> list[str]:
        """Runs every job once and returns the names of those that failed; the log says why."""
        with self._running:
            return [job.name for job in self._jobs if not self._succeeds(job)]

    def advance(self, to: datetime) -> list[str]:
        """Moves the clock of the store and runs what falls due by it, as `run_due`. Raises ClockError."""
        self._store.advance_clock(to)
        return self.run_due()

    @contextmanager
    def periodically(self, pause: float = PAUSE_SECONDS) -> Iterator[None]:
        """Runs the jobs every `pause` seconds in a thread of its own, until the end of the block."""
        if not self._jobs:
            yield
            return
        self._end.clear()
        thread = threading.Thread(target=self._repeat, args=(pause,), name="background-work", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _repeat(self, pause: float) -> None:
        while not self._end.wait(pause):
            self.run_due()

    def _succeeds(self, job: Job) -> bool:
        try:
            with self._store.records.transaction():
                job.run(self._store, self._store.now())
        except Exception:  # noqa: BLE001 - whatever it is, the other jobs run and the server goes on
            _log.exception("the background job %s failed; it runs again in %g seconds", job.name, PAUSE_SECONDS)
            return False
        return True
