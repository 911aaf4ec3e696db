"""What runs OpenMeter. A backend is an object that fits this protocol; adapters/backends/__init__.py lists them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.processes import Process
from devkit.core.state import State

Tell = Callable[..., None]


class Launch(Protocol):
    """A start that is under way."""

    @property
    def process(self) -> Process: ...

    def ended_with(self) -> int | None:
        """The exit code where it has ended, None while it runs."""

    def release(self) -> None:
        """From now on it is on its own; the one who started it may end."""


@dataclass(frozen=True)
class Change:
    """What is done to one service, and why. action: create, recreate, start, restart, stop or remove."""

    service: str
    action: str
    reason: str

    def __str__(self) -> str:
        return f"{self.action} {self.service}: {self.reason}"


@dataclass(frozen=True)
class Started:
    """What a start came to. changes: nothing where all was right. launch: what is still to be waited for."""

    detail: str
    changes: Sequence[Change] = ()
    launch: Launch | None = None


@dataclass(frozen=True)
class Ended:
    """What a stop came to."""

    detail: str
    changed: bool = False


@dataclass(frozen=True)
class ServiceStatus:
    """One service for people and programs. state and health in the engine's words; version: the image's tag."""

    service: str
    state: str
    health: str
    restarts: int
    version: str
    started_at: str
    well: bool


@dataclass(frozen=True)
class Lag:
    """events: taken in, not yet stored. consumers: how many sink workers read; 0 says that nothing will be stored."""

    events: int
    consumers: int

    def __str__(self) -> str:
        if not self.consumers:
            return f"no sink worker reads from Kafka; {self.events} events wait"
        return "all events are stored" if not self.events else f"{self.events} events wait to be stored"


class Backend(Protocol):
    """Each call stands alone. `tell` hears what happens meanwhile. All raise DevkitError."""

    @property
    def name(self) -> str: ...

    @property
    def offsets(self) -> Mapping[str, int]:
        """The ports that it listens on here, by purpose, counted from the first of the block; empty for none."""

    @property
    def proof_within(self) -> float:
        """Seconds that an event may take to be counted."""

    def preflight(self, instance: Instance) -> Sequence[Finding]:
        """What speaks for and against starting here."""

    def held_ports(self, instance: Instance) -> frozenset[int]:
        """The ports that the instance itself listens on now."""

    def plan(self, instance: Instance, state: State) -> Sequence[Change]:
        """What `start` would do now. `state` may be one that is not written down yet."""

    def prepare(self, instance: Instance, tell: Tell) -> None:
        """Brings what a start needs and this machine has not. Nothing of the instance is made yet."""

    def start(self, instance: Instance, state: State, tell: Tell) -> Started:
        """Makes it run as it should, on the ports of `state`, which is written down already.

        Raises PortTakenError where a port was lost meanwhile.
        """

    def is_running(self, instance: Instance, state: State) -> bool:
        """Whether its server runs; it may not answer (yet)."""

    def answers(self, instance: Instance, state: State, *, timeout: float = 2) -> bool:
        """Whether this very instance answers at its URL within `timeout` seconds."""

    def find(self, instance: Instance) -> State | None:
        """What runs for the instance, found without the help of its state file."""

    def stop(self, instance: Instance, state: State | None, tell: Tell) -> Ended:
        """Ends it, keeping the data. One that does not run is fine."""

    def down(self, instance: Instance, tell: Tell) -> None:
        """Removes all but the data, after a stop."""

    def belongings(self, instance: Instance) -> Sequence[str]:
        """What `destroy` would remove outside of the instance's folder."""

    def destroy(self, instance: Instance, tell: Tell) -> None:
        """Removes that, the data too, after a stop; the folder itself goes later."""

    def reset_events(self, instance: Instance, tell: Tell) -> None:
        """Forgets all events and that they were seen, and keeps all else."""

    def services(self, instance: Instance) -> Sequence[ServiceStatus]:
        """Its services as they are now; none where the server is a single process."""

    def sink_lag(self, instance: Instance) -> Lag | None:
        """How far storing is behind; None where events are stored as they are taken in, or it cannot be seen."""

    def log_lines(self, instance: Instance, count: int, service: str | None = None) -> Sequence[str]:
        """The last lines of its log, oldest first; of one service where it has several."""

    def follow_log(self, instance: Instance, count: int, service: str | None, tell: Callable[[str], None]) -> None:
        """Tells of the last lines and then of each that is added, until Ctrl-C."""
