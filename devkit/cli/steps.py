"""A run as rows of text, which the live table and the plain lines share."""

from dataclasses import dataclass
from enum import StrEnum

from devkit.core.progress import Event, RunStarted, StepDone, StepFailed, StepProgress, StepSkipped, StepStarted


class Mark(StrEnum):
    """How a step stands, as the word that plain lines show."""

    waiting = ""
    running = "..."
    done = "done"
    same = "ok"
    skipped = "skip"
    failed = "FAIL"


@dataclass
class Row:
    """One step. seconds: how long it took, None until it ended."""

    step: str
    mark: Mark = Mark.waiting
    detail: str = ""
    seconds: float | None = None


class Rows:
    """The steps of a run in their order."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def hear(self, event: Event) -> Row | None:
        """Takes an event in and returns the row that it changed."""
        if isinstance(event, RunStarted):
            self.rows = [Row(step) for step in event.steps]
            return None
        row = next((row for row in self.rows if row.step == getattr(event, "step", None)), None)
        if row is None:
            return None
        if isinstance(event, StepStarted):
            row.mark = Mark.running
        elif isinstance(event, StepProgress):
            row.detail = progress_text(event)
        elif isinstance(event, StepSkipped):
            row.mark, row.detail = Mark.skipped, event.reason
        elif isinstance(event, StepDone):
            row.mark = Mark.done if event.changed else Mark.same
            row.detail, row.seconds = event.detail, event.seconds
        elif isinstance(event, StepFailed):
            row.mark, row.detail, row.seconds = Mark.failed, event.message, event.seconds
        return row


def progress_text(event: StepProgress) -> str:
    """`sending  120,000 of 500,000 events`."""
    if event.done is None:
        return event.message
    amount = f"{event.done:,.0f}" + (f" of {event.total:,.0f}" if event.total is not None else "")
    return "  ".join(part for part in (event.message, f"{amount} {event.unit}".strip()) if part)


def seconds_text(seconds: float | None) -> str:
    """`0.42 s`; nothing for what took no time worth telling."""
    return "" if seconds is None or seconds < 0.05 else f"{seconds:.1f} s"
