"""What a run tells while it goes on. The runner emits these; screens, JSON and reports listen.

`kind` is the event's name in NDJSON. Times are seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class RunStarted:
    kind: ClassVar[str] = "run_started"
    run: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class StepStarted:
    kind: ClassVar[str] = "step_started"
    step: str


@dataclass(frozen=True)
class StepProgress:
    """Something happened inside a step: a message, and where countable, how much is done of how much."""

    kind: ClassVar[str] = "step_progress"
    step: str
    message: str = ""
    done: float | None = None
    total: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class StepDone:
    """changed is False where the step looked and found all in order."""

    kind: ClassVar[str] = "step_done"
    step: str
    detail: str
    changed: bool
    seconds: float


@dataclass(frozen=True)
class StepSkipped:
    kind: ClassVar[str] = "step_skipped"
    step: str
    reason: str


@dataclass(frozen=True)
class StepFailed:
    kind: ClassVar[str] = "step_failed"
    step: str
    message: str
    hint: str | None
    evidence: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class RunFinished:
    kind: ClassVar[str] = "run_finished"
    run: str
    ok: bool
    changed: bool
    seconds: float
    result: dict[str, Any] = field(default_factory=dict)


Event = RunStarted | StepStarted | StepProgress | StepDone | StepSkipped | StepFailed | RunFinished
Listener = Callable[[Event], None]
