"""What the server does without being asked: jobs that run when the clock was moved, and in between in real time.

Workers run in real time alone; they are for what may wait for others, and open their transactions themselves.
"""

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


@dataclass(frozen=True)
class Worker:
    """Work that is never over. run: does what there is to do and returns; it is called again after the pause."""

    name: str
    run: Callable[[], object]
    pause_seconds: float


class BackgroundWork:
    """Runs all jobs, one after another in the order of the rows, and never two at a time. Workers have threads."""

    def __init__(self, store: Store, jobs: Sequence[Job], workers: Sequence[Worker] = ()) -> None:
        self._store = store
        self._jobs = tuple(jobs)
        self._workers = tuple(workers)
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
        """Runs the jobs every `pause` seconds and the workers after their pauses, until the end of the block."""
        self._end.clear()
        repeated: list[tuple[str, float, Callable[[], object]]] = [
            (worker.name, worker.pause_seconds, self._guarded(worker)) for worker in self._workers
        ]
        if self._jobs:
            repeated.append(("background-work", pause, self.run_due))
        threads = [
            threading.Thread(target=self._repeat, args=(seconds, run), name=name, daemon=True)
            for name, seconds, run in repeated
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()

    def _repeat(self, pause: float, run: Callable[[], object]) -> None:
        while not self._end.wait(pause):
            run()

    def _guarded(self, worker: Worker) -> Callable[[], None]:
        """The work of a worker, whose failures the log tells; when one lasts, it is told once."""
        said = ""

        def run() -> None:
            nonlocal said
            try:
                worker.run()
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker goes on
                if str(error) != said:
                    _log.exception("the background work %s failed; it is tried again and again", worker.name)
                said = str(error)
            else:
                said = ""

        return run

    def _succeeds(self, job: Job) -> bool:
        try:
            with self._store.records.transaction():
                job.run(self._store, self._store.now())
        except Exception:  # noqa: BLE001 - whatever it is, the other jobs run and the server goes on
            _log.exception("the background job %s failed; it runs again in %g seconds", job.name, PAUSE_SECONDS)
            return False
        return True
