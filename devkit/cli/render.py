"""What people and programs see of a run while it goes on: the right listener for the place where stderr goes.

A terminal gets a live table (cli/live.py), everything else plain lines (cli/plain.py); `--output ndjson` gets every
event on stdout. Results and errors are not told here: cli/output.py, cli/boundary.py.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TextIO

import typer

from devkit.cli.output import Output
from devkit.core.progress import Event, Listener


@contextmanager
def listening(output: Output, stream: TextIO | None = None) -> Iterator[Listener]:
    """The listener for a run. stream: where talk goes (default: stderr)."""
    stream = stream or sys.stderr
    if output is Output.ndjson:
        yield print_event
    elif is_lively(stream, os.environ):
        from devkit.cli.live import LiveTable

        with LiveTable(stream) as table:
            yield table.hear
    else:
        from devkit.cli.plain import PlainLines

        yield PlainLines(stream).hear


def is_lively(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether lines that were written can be painted over: a terminal that is no dumb one and no CI log."""
    if not stream.isatty() or environment.get("TERM", "") in ("dumb", "unknown"):
        return False
    return environment.get("CI", "") in ("", "0", "false")


def print_event(event: Event) -> None:
    """One event as a line of NDJSON on stdout, its name in `kind`."""
    import json

    typer.echo(json.dumps({"kind": event.kind, **asdict(event)}, default=str))
