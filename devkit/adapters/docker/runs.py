"""Runs Compose and hands its lines on while they come."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from devkit.core.errors import MissingToolError

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_KEPT = 200  # lines
_GRACE = 5.0  # seconds between asking Compose to end and ending it


def plain(line: str) -> str:
    """Without colours and cursor movements, which Compose sends even when told not to."""
    return _ESCAPES.sub("", line).rstrip("\r\n")


@dataclass
class Running:
    """A command under way. Use it in a `with`: leaving it ends what still runs."""

    command: Sequence[str]
    process: subprocess.Popen[str]
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def exit_code(self) -> int | None:
        """None while it runs."""
        code = self.process.poll()
        if code is not None and self._reader:
            self._reader.join(_GRACE)
        return code

    def end(self) -> None:
        """Ends it where it runs: first as Ctrl-C would, then by force."""
        if self.process.poll() is None:
            self._signal(force=False)
            try:
                self.process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self._signal(force=True)
                self.process.wait()
        if self._reader:
            self._reader.join(_GRACE)
        if self.process.stdout:
            self.process.stdout.close()

    def _signal(self, *, force: bool) -> None:
        """To the whole group: docker runs Compose as a child, and not every docker passes signals on."""
        if sys.platform == "win32":
            self.process.kill() if force else self.process.terminate()
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL if force else signal.SIGINT)


def start(
    command: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None] = lambda _: None
) -> Running:
    """Starts it in a process group of its own, so that Ctrl-C in the terminal reaches devkit alone.

    on_line: called with each line that it says
    Raises MissingToolError where the program is not there.
    """
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise MissingToolError(
            f"{command[0]} cannot be run: {(error.strerror or '').lower()}", hint="devkit doctor"
        ) from error
    running = Running(command, process)
    reader = threading.Thread(target=_read, args=(running, on_line), daemon=True)
    running._reader = reader  # noqa: SLF001 - the thread needs the object that holds it
    reader.start()
    return running


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    within: float,
    on_line: Callable[[str], None] = lambda _: None,
) -> tuple[int, list[str]]:
    """Waits for its end: exit code and last lines. After `within` seconds it is ended by a signal."""
    with start(command, environment, on_line) as running:
        try:
            running.process.wait(within)
        except subprocess.TimeoutExpired:
            running.end()
        code = running.exit_code()
        return (code if code is not None else 1), list(running.lines)


def _read(running: Running, on_line: Callable[[str], None]) -> None:
    stream = running.process.stdout
    if stream is None:
        return
    for raw in stream:
        if line := plain(raw):
            running.lines.append(line)
            on_line(line)
