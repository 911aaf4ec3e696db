"""devkit's own route to the clock: look at it, and move it forward."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from devkit.embedded.domain import durations, timestamps
from devkit.embedded.domain.calendar_arithmetic import after
from devkit.embedded.http.calls import Reply
from devkit.embedded.http.problems import problem
from devkit.embedded.store.clock import Clock, ClockError

_FORM = 'send {"by": "P1M"} (an ISO 8601 duration) or {"to": "2026-02-01T00:00:00Z"}'


class ClockControl:
    """GET shows the clock, POST moves it.

    advance: moves the clock of the store to an instant, does what falls due by that, and returns the names of the
             jobs that failed; raises ClockError
    """

    def __init__(self, clock: Clock, advance: Callable[[datetime], Sequence[str]]) -> None:
        self._clock = clock
        self._advance = advance

    def show(self) -> Reply:
        """`now`, and by how many seconds that is ahead of the system's time."""
        return Reply(200, self._shown())

    def move(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Moves the clock by a duration or to an instant; the answer is as `show` with `failedJobs`."""
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            # A page in a browser cannot send this type to another host without being allowed to, and nothing allows it.
            return problem(400, "the content type must be application/json", None)
        try:
            failed = self._advance(_target(body, self._clock.now()))
        except (ClockError, ValueError, OverflowError) as error:
            return problem(400, str(error), None)
        return Reply(200, {**self._shown(), "failedJobs": list(failed)})

    def _shown(self) -> dict[str, Any]:
        return {
            "now": timestamps.format_instant(self._clock.now()),
            "aheadSeconds": round(self._clock.offset.total_seconds(), 6),
        }


def _target(body: bytes, now: datetime) -> datetime:
    """The instant that a body asks for. Raises ValueError or OverflowError."""
    try:
        wish = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the body is no JSON: {error}") from None
    match wish:
        case {"to": str(text), **rest} if not rest:
            return timestamps.parse(text)
        case {"by": str(text), **rest} if not rest:
            duration = durations.parse(text)
            if duration.sign < 0:
                raise ValueError(f"the clock only moves forward, not by {text}")
            return after(now, duration)
    raise ValueError(_FORM)
