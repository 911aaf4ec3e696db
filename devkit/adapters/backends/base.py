"""What runs OpenMeter. A backend is an object that fits this protocol; adapters/backends/__init__.py lists them."""

from collections.abc import Sequence
from typing import Protocol

from devkit.core.instance import Instance
from devkit.core.processes import Process
from devkit.core.state import State


class Launch(Protocol):
    """A start that is under way."""

    @property
    def process(self) -> Process: ...

    def ended_with(self) -> int | None:
        """The exit code where it has ended, None while it runs."""

    def release(self) -> None:
        """From now on it is on its own; the one who started it may end."""


class Backend(Protocol):
    @property
    def name(self) -> str: ...

    def start(self, instance: Instance, state: State) -> Launch:
        """Starts it on the ports of `state`, which is written down already. Raises DevkitError."""

    def is_running(self, state: State) -> bool:
        """Whether its processes run; they may not answer (yet)."""

    def answers(self, state: State, *, timeout: float = 2) -> bool:
        """Whether this very instance answers at its URL within `timeout` seconds."""

    def find(self, instance: Instance) -> State | None:
        """What runs for the instance, found without the help of its state file."""

    def stop(self, instance: Instance, state: State | None) -> bool:
        """Ends it, keeping the data; False where it had to be killed. One that does not run is fine."""

    def log_lines(self, instance: Instance, count: int) -> Sequence[str]:
        """The last lines of its log, oldest first."""
