"""Countable progress of a command: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from devkit.cli.output import Output

Report = Callable[[str, float | None, float | None], None]  # message, done, total
_QUIET = 5.0  # seconds between two lines


@contextmanager
def progress(output: Output, unit: str, stream: TextIO | None = None) -> Iterator[Report]:
    """What a use case reports to. Talk goes to stderr, or with ndjson as events to stdout."""
    from devkit.cli.render import is_lively

    stream = stream or sys.stderr
    if output is Output.ndjson:
        yield _events(unit)
    elif is_lively(stream, os.environ):
        with _bar(stream, unit) as report:
            yield report
    else:
        yield _lines(stream, unit)


def _events(unit: str) -> Report:
    from devkit.cli.render import print_event
    from devkit.core.progress import StepProgress

    def report(message: str, done: float | None, total: float | None) -> None:
        print_event(StepProgress(step=message, message=message, done=done, total=total, unit=unit))

    return report


def _lines(stream: TextIO, unit: str) -> Report:
    told = time.monotonic()

    def report(message: str, done: float | None, total: float | None) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _QUIET:
            return
        told = now
        amount = f": {done:,.0f} of {total:,.0f} {unit} ({done / total:.0%})" if done is not None and total else ""
        print(f"{message}{amount}", file=stream, flush=True)

    return report


@contextmanager
def _bar(stream: TextIO, unit: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(file=stream, highlight=False)
    shown: Any = [TextColumn("{task.description}"), BarColumn(bar_width=20), TaskProgressColumn()]
    rate = TextColumn("{task.fields[rate]}")
    with Progress(*shown, rate, TimeRemainingColumn(compact=True), console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        waiting = bar.add_task("", total=None, rate="", visible=False)

        def report(message: str, done: float | None, total: float | None) -> None:
            if done is None:
                bar.update(waiting, description=message, visible=True)
                return
            if message not in tasks:
                tasks[message] = bar.add_task(message, total=total, rate="")
            speed = next((task.speed for task in bar.tasks if task.id == tasks[message]), None)
            bar.update(tasks[message], completed=done, total=total, rate=f"{speed:,.0f} {unit}/s" if speed else "")
            bar.update(waiting, visible=False)

        yield report
