"""Runs a list of steps and tells what happens. It knows nothing of what the steps do.

A step takes the session and gives the next one back; it looks before it acts and says whether it changed anything.
A step that fails ends the run and leaves everything in place. Ctrl-C ends it after the step that is under way.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Generic, TypeVar

from devkit.core.errors import DevkitError, InterruptedByUser
from devkit.core.progress import (
    Listener,
    RunFinished,
    RunStarted,
    StepDone,
    StepFailed,
    StepProgress,
    StepSkipped,
    StepStarted,
)

Session = TypeVar("Session")
Tell = Callable[..., None]


@dataclass(frozen=True)
class Outcome(Generic[Session]):
    """The next session, what was done or found in a few words, and whether anything changed.

    skipped: it turned out that the step, an optional one, cannot be done; the detail is the reason
    """

    session: Session
    detail: str
    changed: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class Step(Generic[Session]):
    """A visible part of a run.

    action:    gets the session and `tell(message, done=, total=, unit=)`; raises DevkitError where it fails
    skip_when: the reason to leave an optional step out, None to do it
    """

    name: str
    action: Callable[[Session, Tell], Outcome[Session]]
    skip_when: Callable[[Session], str | None] = lambda _: None


@dataclass(frozen=True)
class Run(Generic[Session]):
    """What came out of a run that did not fail."""

    session: Session
    changed: bool
    seconds: float


def run(
    name: str,
    steps: Sequence[Step[Session]],
    session: Session,
    listener: Listener,
    *,
    result: Callable[[Session], dict[str, Any]] = lambda _: {},
) -> Run[Session]:
    """Does the steps in their order. `result` makes of the last session what RunFinished carries.

    Raises what the failed step raised, and InterruptedByUser after Ctrl-C.
    """
    started, changed = time.monotonic(), False
    listener(RunStarted(name, tuple(step.name for step in steps)))
    ok = False
    try:
        with _ctrl_c(listener) as interruption:
            for step in steps:
                interruption.step = step.name
                session, step_changed = _do(step, session, listener)
                changed = changed or step_changed
                interruption.check()
        ok = True
    finally:
        seconds = time.monotonic() - started
        listener(RunFinished(name, ok, changed, round(seconds, 3), result(session)))
    return Run(session, changed, seconds)


def _do(step: Step[Session], session: Session, listener: Listener) -> tuple[Session, bool]:
    reason = step.skip_when(session)
    if reason is not None:
        listener(StepSkipped(step.name, reason))
        return session, False
    started = time.monotonic()

    def tell(message: str = "", *, done: float | None = None, total: float | None = None, unit: str = "") -> None:
        listener(StepProgress(step.name, message, done, total, unit))

    def seconds() -> float:
        return round(time.monotonic() - started, 3)

    listener(StepStarted(step.name))
    try:
        outcome = step.action(session, tell)
    except DevkitError as error:
        listener(StepFailed(step.name, error.message, error.hint, error.evidence, seconds()))
        raise
    except BaseException as error:
        said = "interrupted" if isinstance(error, KeyboardInterrupt) else f"a bug in devkit ({type(error).__name__})"
        listener(StepFailed(step.name, said, None, (), seconds()))
        raise
    if outcome.skipped:
        listener(StepSkipped(step.name, outcome.detail))
        return outcome.session, outcome.changed
    listener(StepDone(step.name, outcome.detail, outcome.changed, seconds()))
    return outcome.session, outcome.changed


class _Interruption:
    """Remembers the first Ctrl-C; the second one interrupts at once."""

    def __init__(self, listener: Listener) -> None:
        self.step = ""
        self._asked = False
        self._listener = listener

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        self._listener(StepProgress(self.step, "stopping after this step; Ctrl-C again stops at once"))

    def check(self) -> None:
        """Raises InterruptedByUser where Ctrl-C came."""
        if self._asked:
            raise InterruptedByUser(f"interrupted after: {self.step}", hint="the same command carries on from there")


@contextmanager
def _ctrl_c(listener: Listener) -> Iterator[_Interruption]:
    interruption = _Interruption(listener)
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = signal.signal(signal.SIGINT, interruption)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
