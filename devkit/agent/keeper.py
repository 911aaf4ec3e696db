"""Keeps the Stripe app and its webhook endpoint right while the agent runs.

It looks when the tunnel's address changes, when the machine was suspended, and from time to time: somebody may have
deleted the endpoint by hand. What it finds wrong it repairs, once a first `sync` has asked for an app.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from devkit.agent.saying import Saying
from devkit.core.errors import DevkitError, failure
from devkit.core.outside import TunnelReport, WebhookReport
from devkit.core.state import timestamp

if TYPE_CHECKING:
    from devkit.stripe_app.place import Place

_log = logging.getLogger("devkit.agent")

_REPAIRS_KEPT = 20
_TRIES = 3  # of a sync, where the tunnel falls meanwhile
_REOPENED_WITHIN = 10.0  # seconds
_POLL = 0.05
_GRACE = 2.0  # seconds for a look that is under way in the end: Stripe may not answer for longer than anybody waits


class _FellError(DevkitError):
    """The tunnel fell, or moved, while an event was awaited."""


@dataclass(frozen=True)
class Pace:
    """Seconds: between two looks where all is well, before the first try after a failure, and at most before one.

    tick: how soon something that happened is seen; gap: what the clock may jump before it counts as a suspension
    """

    look: float = 15
    shortest: float = 2
    longest: float = 60
    tick: float = 0.5
    gap: float = 5


class Keeper:
    """Works in a thread of its own, and for those who ask. A context manager."""

    def __init__(
        self,
        saying: Saying,
        place: Callable[[str], "AbstractContextManager[Place]"],
        taken: Callable[[str], int],
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """place: between OpenMeter and Stripe, with the public address; raises DevkitError where it cannot be had.

        taken: how many webhooks of an app OpenMeter has accepted; clock: seconds, going on while the machine sleeps
        """
        self._saying = saying
        self._place = place
        self._taken = taken
        self._pace = pace or Pace()
        self._clock = clock
        self._busy = threading.Lock()
        self._ended = threading.Event()
        self._happened = threading.Event()
        self._due = time.monotonic()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, daemon=True, name="webhook keeper")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(_GRACE)

    def sync(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Makes app and endpoint right now, and has an event of Stripe's arrive where none did since the last change.

        asked: `verify`, to have one arrive in any case
        Returns what was found and done as data; `verified_seconds` is None where no event was waited for. Raises
        DevkitError.
        """
        repairs: list[dict[str, str]] = []
        patience = 0.0
        with self._busy:
            for _ in range(_TRIES):
                tunnel = self._open_tunnel(patience)
                standing = self._reconcile(str(tunnel.url))
                repairs += standing["repairs"]
                proven = bool(self._saying.last.webhook.verified_at) and not asked.get("verify")
                try:
                    verified = None if proven else self._verify(tunnel, standing["app"])
                except _FellError:
                    patience = _REOPENED_WITHIN
                else:
                    return {**standing, "repairs": repairs, "verified_seconds": verified}
        problem = self._saying.last.tunnel.problem
        why = f": {problem}" if problem else ""
        raise DevkitError(f"the tunnel does not stay open{why}", hint="devkit logs shows how often it fell")

    def _open_tunnel(self, patience: float) -> TunnelReport:
        """The tunnel once it is open. patience: seconds. Raises DevkitError."""
        deadline = time.monotonic() + patience
        while not (tunnel := self._saying.last.tunnel).url:
            if time.monotonic() >= deadline or self._ended.wait(_POLL):
                hint = tunnel.hint or "devkit tunnel status"
                raise failure(tunnel.exit_code, tunnel.problem or "the tunnel is not open yet", hint=hint)
        return tunnel

    def look_now(self) -> None:
        """Something happened: looks at the next tick."""
        self._failures = 0
        self._happened.set()

    def _reconcile(self, url: str) -> dict[str, Any]:
        from devkit.stripe_app.reconcile import reconcile

        before = self._saying.last.webhook
        try:
            with self._place(url) as place:
                standing = reconcile(place, before.app or None)
        except DevkitError as error:
            self._say(before, problem=error.message, hint=error.hint or "", looked_at=timestamp())
            raise
        repairs = tuple(repair.text for repair in standing.repairs)
        for repair in repairs:
            _log.info("Stripe: %s", repair)
        kept = (*before.repairs, *(f"{timestamp()} {repair}" for repair in repairs))[-_REPAIRS_KEPT:]
        found = {"app": standing.app, "account": standing.account, "endpoint": standing.endpoint, "url": standing.url}
        same = not repairs and before.endpoint == standing.endpoint and before.url == standing.url
        verified_at = before.verified_at if same else ""
        told = {"repairs": kept, "looked_at": timestamp(), "verified_at": verified_at, "problem": "", "hint": ""}
        self._say(before, **found, **told)
        self._due = time.monotonic() + self._pace.look
        done = [{"kind": repair.kind, "text": repair.text} for repair in standing.repairs]
        return {**found, "repairs": done, "notes": list(standing.notes)}

    def _verify(self, tunnel: TunnelReport, app: str) -> float:
        """Raises DevkitError; _FellError where the tunnel fell meanwhile, so that the event may be lost."""
        from devkit.stripe_app.verify import verify

        before = self._taken(app)

        def arrived() -> int:
            count = self._taken(app)
            if count == before and self._saying.last.tunnel != tunnel:
                raise _FellError("the tunnel fell")
            return count

        with self._place(str(tunnel.url)) as place:
            seconds = verify(place, app, arrived=arrived)
        self._say(self._saying.last.webhook, verified_at=timestamp())
        return round(seconds, 3)

    def _say(self, before: WebhookReport, **members: Any) -> None:
        import msgspec

        self._saying.change(webhook=msgspec.structs.replace(before, **members))

    def _run(self) -> None:
        clock = self._clock()
        while not self._ended.wait(self._pace.tick):
            if abs(self._clock() - clock) > self._pace.gap:
                _log.info("this machine was suspended, or its clock was set: looking at the webhook")
                self.look_now()
            if self._happened.is_set() or time.monotonic() >= self._due:
                self._look()
            clock = self._clock()  # a look that took long is no suspension

    def _look(self) -> None:
        """Repairs what needs it. Nothing is installed before somebody asked for it."""
        self._happened.clear()  # first: what happens during this look is looked at once more
        self._due = time.monotonic() + self._pace.look
        try:
            with self._busy:
                said = self._saying.last  # read here: it may have changed while a sync was under way
                if said.tunnel.url and said.webhook.app:
                    self._reconcile(said.tunnel.url)
        except DevkitError as error:
            self._failed(error.message)
        except Exception:  # noqa: BLE001 - the next look may go well
            _log.exception("the webhook could not be looked after")
            bug = {"problem": "a bug in devkit", "hint": "devkit logs shows it", "looked_at": timestamp()}
            self._say(self._saying.last.webhook, **bug)
            self._failed(bug["problem"])
        else:
            self._failures = 0

    def _failed(self, why: str) -> None:
        pause = min(self._pace.longest, self._pace.shortest * 2 ** min(self._failures, 10))
        self._due = time.monotonic() + pause
        if not self._failures:
            _log.warning("the webhook is not as it should be: %s", why)
        self._failures += 1
