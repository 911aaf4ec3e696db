"""Watches services while Compose starts them: each has a deadline, and the first that fails ends the start."""

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import docker

from devkit.adapters.backends.compose.services import EVERY, SERVICES
from devkit.adapters.backends.compose.verdicts import SETTLED, Seen, Verdict, judge
from devkit.adapters.docker.containers import Container, last_log_lines, observe
from devkit.adapters.docker.failures import IN_LOGS, explained, known
from devkit.adapters.docker.runs import Running
from devkit.core.errors import DevkitError

EVIDENCE = 12  # log lines
_POLL = 0.2
_WHOLE = 900.0  # seconds for everything together
_NAMED = re.compile(r"dependency failed to start|didn't complete successfully")
Tell = Callable[..., None]


@dataclass
class Watch:
    """A project during a start.

    before: the containers when it began; acting: what is done to which service; services: those that must be well
    """

    client: docker.DockerClient
    project: str
    before: Mapping[str, Container]
    acting: Mapping[str, str]
    services: Collection[str] = tuple(SERVICES)
    seen: dict[str, Seen] = field(default_factory=dict)

    def look(self, now: float) -> dict[str, Verdict]:
        """One look at every service."""
        found = observe(self.client, self.project)
        self.seen = {name: self._next(name, found.get(name), now) for name in self.services}
        return {name: judge(EVERY[name], self.seen[name], now) for name in self.services}

    def _next(self, name: str, container: Container | None, now: float) -> Seen:
        if container is None:
            return Seen(None)
        old, before = self.seen.get(name, Seen(None)), self.before.get(name)
        again = before if before and before.id == container.id else None
        restarts = max(0, container.restarts - again.restarts) if again else container.restarts
        pending = bool(again and _is_pending(name, self.acting.get(name), again, container))
        # What nobody acts on has proven long ago that it stays up.
        begins = now if name in self.acting else now - SETTLED
        return Seen(container, _since(old, container, begins), restarts, pending)


def watch_until_well(watch: Watch, running: Running | None, tell: Tell) -> None:
    """Returns when Compose has ended and every service is well. Raises DevkitError for the first that fails.

    running: Compose at work; None where it has nothing to do
    """
    deadline, done = time.monotonic() + _WHOLE, set[str]()
    while True:
        code = running.exit_code() if running else 0
        # After Compose, so that a service which made Compose give up is seen as it is.
        now = time.monotonic()
        verdicts = watch.look(now)
        _tell_of_well_ones(verdicts, watch.acting, done, tell)
        if failed := next((name for name, verdict in verdicts.items() if verdict.failure), None):
            raise _failed(watch, failed, verdicts[failed].failure, _said(running))
        if code:
            raise _given_up(watch, _said(running))
        if code == 0 and all(verdict.well for verdict in verdicts.values()):
            return
        if now > deadline:
            raise DevkitError(f"the services did not start within {_WHOLE:g} s", evidence=_said(running)[-EVIDENCE:])
        time.sleep(_POLL)


def _tell_of_well_ones(verdicts: Mapping[str, Verdict], acting: Mapping[str, str], done: set[str], tell: Tell) -> None:
    for name, verdict in verdicts.items():
        if verdict.well and name in acting and name not in done:
            done.add(name)
            said = "done" if EVERY[name].kind == "job" else "well"
            tell(f"{name} is {said}", done=len(done), total=len(acting), unit="services")


def _said(running: Running | None) -> list[str]:
    return list(running.lines) if running else []


def _given_up(watch: Watch, said: Sequence[str]) -> DevkitError:
    """Compose ended before any verdict. Where it names a container, that one is shown, else what Compose said."""
    for name, seen in watch.seen.items():
        if seen.container and any(_NAMED.search(line) and f" {seen.container.name} " in line for line in said):
            times = f"ended {seen.restarts} times and was started again" if seen.restarts else "is not healthy"
            return _failed(watch, name, times, said)
    return explained(said, what="the services do not start")


def _failed(watch: Watch, name: str, failure: str, said: Sequence[str]) -> DevkitError:
    """The error of one service: its own last log lines are the evidence, what Compose said where it has none."""
    container = watch.seen[name].container
    lines = last_log_lines(watch.client, container, EVIDENCE) if container else []
    cause = known([failure, *lines], IN_LOGS)
    return DevkitError(
        f"{name} {failure}" + (f": {cause.cause}" if cause else ""),
        evidence=lines or said[-EVIDENCE:],
        hint=(cause.hint if cause else "") or f"devkit logs {name} shows all of its log; devkit up tries again",
    )


def _is_pending(name: str, action: str | None, before: Container, container: Container) -> bool:
    """Whether Compose has yet to act on this container, which was there before."""
    if action is None or (EVERY[name].kind == "job" and container.up):
        return False
    return action == "recreate" or before.started_at == container.started_at


def _since(old: Seen, container: Container, now: float) -> float | None:
    """When this run of the container began; a restart begins a new one only for the engine, not for the deadline."""
    same = old.container is not None and old.container.id == container.id
    if same and old.since is not None:
        return old.since
    return now if container.state in ("running", "restarting") else None
