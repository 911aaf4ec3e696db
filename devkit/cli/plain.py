"""A run as plain lines, one for each step that ends: for logs, pipes and terminals that can do no more."""

import time
from collections.abc import Callable
from typing import TextIO

import typer

from devkit.cli.steps import Rows, progress_text, seconds_text
from devkit.core.progress import Event, StepDone, StepFailed, StepProgress, StepSkipped, StepStarted

_QUIET = 5.0  # seconds between two lines of countable progress


class PlainLines:
    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._rows = Rows()
        self._told_at = 0.0

    def hear(self, event: Event) -> None:
        row = self._rows.hear(event)
        if row is None:
            return
        if isinstance(event, StepStarted):
            self._told_at = self._clock()
        elif isinstance(event, StepProgress):
            self._progress(event)
        elif isinstance(event, StepDone | StepFailed | StepSkipped):
            width = max(len(each.step) for each in self._rows.rows)
            took = f"  ({took})" if (took := seconds_text(row.seconds)) else ""
            # The error itself follows on lines of its own.
            detail = "failed" if isinstance(event, StepFailed) else row.detail
            self._print(f"{row.mark.value:<4}  {row.step:<{width}}  {detail}{took}".rstrip())

    def _progress(self, event: StepProgress) -> None:
        """Messages at once, counts now and then."""
        if event.done is not None:
            if self._clock() - self._told_at < _QUIET:
                return
            self._told_at = self._clock()
        if text := progress_text(event):
            self._print(f"      {event.step}: {text}")

    def _print(self, line: str) -> None:
        typer.echo(line, file=self._stream)
