"""The clock of an embedded server, over the control route that only devkit's own server has."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from devkit.core.errors import DevkitError, UnreachableError, UsageError
from devkit.core.loopback import is_loopback

ROUTE = "/_devkit/clock"
_LOOK_SECONDS = 10
_MOVE_SECONDS = 120  # background work of a long jump takes its time


@dataclass(frozen=True)
class ServerClock:
    """What the clock of a server shows.

    now:           RFC 3339
    ahead_seconds: of the system's time; negative: behind
    failed_jobs:   background work that failed when the clock was moved; the server's log says why
    """

    now: str
    ahead_seconds: float
    failed_jobs: tuple[str, ...] = ()


def read_clock(url: str) -> ServerClock:
    """Raises UnreachableError, or DevkitError where the server has no such clock."""
    return _clock(url, _ask(url, "GET"))


def ahead_of(url: str) -> timedelta:
    """How far the time of a server is ahead of this machine's: not at all where it has no clock of its own."""
    try:
        return timedelta(seconds=read_clock(url).ahead_seconds)
    except DevkitError:
        return timedelta()


def advance_clock(url: str, wish: str) -> ServerClock:
    """Moves the clock forward, for good.

    wish: an ISO 8601 duration (`P1M`), or an instant (`2026-02-01T00:00:00Z`)
    Raises UsageError for a wish that is neither or leads back, otherwise as `read_clock`.
    """
    by = wish.lstrip("-+").upper().startswith("P")
    answer = _ask(url, "POST", json={"by" if by else "to": wish})
    if answer.status_code == 400:
        raise UsageError(
            f"cannot move the clock to {wish}: {answer.json()['detail']}",
            hint="a duration such as P1M or PT36H, or an instant such as 2026-02-01T00:00:00Z, forward",
        )
    return _clock(url, answer)


def _ask(url: str, method: str, **request: Any) -> httpx.Response:
    seconds = _LOOK_SECONDS if method == "GET" else _MOVE_SECONDS
    try:
        return httpx.request(
            method, url.rstrip("/") + ROUTE, timeout=seconds, trust_env=not is_loopback(url), **request
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(
            f"no answer from {url} ({error or type(error).__name__})",
            hint="devkit status shows what runs; devkit up starts it",
        ) from error


def _clock(url: str, answer: httpx.Response) -> ServerClock:
    try:
        shown = answer.raise_for_status().json()
        return ServerClock(shown["now"], shown["aheadSeconds"], tuple(shown.get("failedJobs", ())))
    except (httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
        raise DevkitError(
            f"the server at {url} has no clock that devkit can move (it answered {answer.status_code})",
            hint="only the embedded server has one: devkit up --backend embedded, or devkit serve",
        ) from error
