"""What the state of a container means while its service starts: well, failed, or still under way. Pure functions."""

from dataclasses import dataclass

from devkit.adapters.backends.compose.services import Service
from devkit.adapters.docker.containers import Container

LOOPS = 3  # restarts after which a service is said to keep ending
SETTLED = 1.5  # seconds that a service without health check must stay up


@dataclass(frozen=True)
class Seen:
    """How a service was met.

    since:    when its present container was first seen running (monotonic seconds), None before
    restarts: how often the engine restarted it since the start began
    pending:  whether Compose has yet to act on it
    """

    container: Container | None
    since: float | None = None
    restarts: int = 0
    pending: bool = False

    def waited(self, now: float) -> float:
        return now - self.since if self.since is not None else 0.0


@dataclass(frozen=True)
class Verdict:
    """well: as it should be. failure: why it never will be, empty while there is hope."""

    well: bool = False
    failure: str = ""


def judge(service: Service, seen: Seen, now: float) -> Verdict:
    """The verdict on a service. now: monotonic seconds."""
    container = seen.container
    if container is None or seen.pending or container.state == "created":
        return Verdict()
    rules = (_ended, _out_of_memory, _keeps_ending, _unhealthy, _late)
    failure = next((said for rule in rules if (said := rule(service, container, seen, now))), "")
    return Verdict(not failure and _well(service, container, seen, now), failure)


def _ended(service: Service, container: Container, _seen: Seen, _now: float) -> str:
    if container.state not in ("exited", "dead"):
        return ""
    if service.kind == "job":
        return f"failed {_how(container)}" if container.exit_code else ""
    return f"ended {_how(container)}"


def _out_of_memory(_service: Service, container: Container, _seen: Seen, _now: float) -> str:
    return "ran out of memory and was ended by the engine" if container.out_of_memory else ""


def _keeps_ending(_service: Service, container: Container, seen: Seen, _now: float) -> str:
    return (
        f"keeps ending {_how(container)}, {seen.restarts} times so far".replace("  ", " ")
        if seen.restarts >= LOOPS
        else ""
    )


def _unhealthy(_service: Service, container: Container, _seen: Seen, _now: float) -> str:
    return f"is not healthy{_probe(container)}" if container.up and container.health == "unhealthy" else ""


def _late(service: Service, container: Container, seen: Seen, now: float) -> str:
    if seen.waited(now) <= service.within or _well(service, container, seen, now):
        return ""
    unfinished = "has not finished" if service.kind == "job" else "is not healthy"
    return f"{unfinished} after {service.within:g} s{_probe(container)}"


def _well(service: Service, container: Container, seen: Seen, now: float) -> bool:
    if service.kind == "job":
        return container.state == "exited" and container.exit_code == 0
    return container.well and (service.kind == "server" or seen.waited(now) >= SETTLED)


def _how(container: Container) -> str:
    return f"with exit code {container.exit_code}" if container.exit_code is not None else "again and again"


def _probe(container: Container) -> str:
    return f": {container.probe.splitlines()[-1]}" if container.probe else ""
