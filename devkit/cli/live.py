"""A run as a table that is painted over while it goes on. Colours are those that show on dark and on light ground."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from devkit.cli.steps import Mark, Row, Rows, seconds_text
from devkit.core.progress import Event

_STYLES: Mapping[Mark, tuple[str, str, str]] = {  # symbol, the same without Unicode, style
    Mark.waiting: ("·", ".", ""),
    Mark.done: ("✓", "+", "bold green"),
    Mark.same: ("✓", "+", "green"),
    Mark.skipped: ("–", "-", ""),  # noqa: RUF001 - a dash on purpose
    Mark.failed: ("✗", "x", "bold red"),
}


class LiveTable:
    """Use it in a `with`: the last picture stays on the screen."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False)
        self._unicode = (stream.encoding or "").lower().startswith("utf")
        self._rows = Rows()
        self._running_since = time.monotonic()
        self._spinner = Spinner("dots" if self._unicode else "line", style="bold")
        self._live = Live(
            self, console=self._console, refresh_per_second=10, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def hear(self, event: Event) -> None:
        row = self._rows.hear(event)
        if row is not None and row.mark is Mark.running and not row.detail:
            self._running_since = time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        for row in self._rows.rows:
            table.add_row(self._mark(row), Text(row.step), Text(self._detail(row)), self._time(row))
        yield table

    def _mark(self, row: Row) -> Text | Spinner:
        if row.mark is Mark.running:
            return self._spinner
        symbol, plain, style = _STYLES[row.mark]
        return Text(symbol if self._unicode else plain, style=style)

    def _detail(self, row: Row) -> str:
        # The error follows below the table, whole and with its hint.
        return "failed" if row.mark is Mark.failed else row.detail

    def _time(self, row: Row) -> Text:
        seconds = time.monotonic() - self._running_since if row.mark is Mark.running else row.seconds
        return Text(seconds_text(seconds))
