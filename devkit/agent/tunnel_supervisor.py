"""Keeps a tunnel open: notices within seconds that it moved or fell, and opens it anew, ever more patiently."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from devkit.adapters.tunnels.base import Tunnel
from devkit.core.errors import DevkitError, MissingToolError, UsageError

_log = logging.getLogger("devkit.agent")


@dataclass(frozen=True)
class Report:
    """How the tunnel is. url: None where there is none; problem, hint: why, and what to do; attempt: starts in vain.

    exit_code: of a command that needs the tunnel
    """

    url: str | None = None
    problem: str = ""
    hint: str = ""
    attempt: int = 0
    exit_code: int = DevkitError.exit_code


@dataclass(frozen=True)
class Pace:
    """Seconds between two looks, before the second start and at most before a start.

    patience: looks in a row that may find it down: a new start is a new address for most
    grace: seconds for a start that is under way in the end
    """

    look: float = 1
    shortest: float = 1
    longest: float = 60
    patience: int = 2
    grace: float = 2


class Supervisor:
    """Tells how the tunnel is, once for each change, from a thread of its own. A context manager.

    tell: must not wait long: nobody looks at the tunnel meanwhile
    """

    def __init__(self, tunnel: Tunnel, port: int, tell: Callable[[Report], None], pace: Pace | None = None) -> None:
        self._tunnel = tunnel
        self._port = port
        self._tell = tell
        self._pace = pace or Pace()
        self._last: Report | None = None
        self._started = False
        self._down = 0  # looks in a row
        self._attempt = 0
        self._ended = threading.Event()
        self._again = threading.Event()  # the pause is over
        self._anew = threading.Event()  # a restart is asked for
        self._thread = threading.Thread(target=self._run, daemon=True, name="tunnel")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the tunnel, too. A start that is under way is given a moment, and is ended then."""
        self._ended.set()
        self._again.set()
        self._thread.join(self._pace.grace)
        if self._thread.is_alive():
            self._tunnel.stop()
            self._thread.join()
        self._tunnel.stop()

    def restart(self) -> None:
        """Opens it anew at once, as a person asks for it."""
        self._anew.set()
        self._again.set()

    def look(self) -> float:
        """Looks once, opens the tunnel where it is down, and returns the seconds until the next look."""
        if self._anew.is_set():
            self._anew.clear()
            self._started, self._attempt = False, 0
            self._last = None  # who asked for it waits for a word, even if nothing changed
        if not self._started:
            return self._open()
        standing = self._tunnel.standing()
        if not standing.problem:
            self._down = self._attempt = 0
            self._say(Report(standing.url))
            return self._pace.look
        self._down += 1
        self._say(Report(None, standing.problem))
        return self._open() if self._down >= self._pace.patience else self._pace.look

    def _open(self) -> float:
        try:
            url = self._tunnel.start(self._port)
        except DevkitError as error:
            return self._failed(error)
        self._started, self._down = True, 0
        self._say(Report(url))
        # Until a look has found it standing this counts as a start in vain: it may fall again at once.
        self._attempt += 1
        return self._pace.look if self._attempt == 1 else self._wait()

    def _failed(self, error: DevkitError) -> float:
        self._started = False
        self._attempt += 1
        self._say(Report(None, error.message, error.hint or "", self._attempt, error.exit_code))
        # Neither a program nor a token appears by waiting; the longest pause is for those who mend it meanwhile.
        return self._pace.longest if isinstance(error, (MissingToolError, UsageError)) else self._wait()

    def _wait(self) -> float:
        return float(min(self._pace.longest, self._pace.shortest * 2 ** min(self._attempt - 1, 30)))

    def _say(self, report: Report) -> None:
        if self._last is not None and replace(report, attempt=0) == replace(self._last, attempt=0):
            return
        self._last = report
        try:
            self._tell(report)
        except Exception:  # noqa: BLE001 - whoever listens must not end the tunnel
            _log.exception("what the tunnel reports could not be told")

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                pause = self.look()
            except Exception:  # noqa: BLE001 - the tunnel is tried again, whatever it was
                _log.exception("the tunnel could not be looked after")
                pause = self._pace.longest
            if not self._ended.is_set():
                self._again.wait(pause)
                self._again.clear()
