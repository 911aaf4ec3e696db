"""What the steps on an instance pass along."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from devkit.adapters.backends.base import Backend, Launch
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance
from devkit.core.outside import Wish
from devkit.core.settings import Settings
from devkit.core.state import State, write_state

if TYPE_CHECKING:
    from devkit.adapters.openmeter import OpenMeter


@dataclass(frozen=True)
class Session:
    """One command on one instance.

    state:  None where nothing is remembered of the instance
    launch: a start that this command made
    notes:  what people should know in the end: ports that moved, a state file that was set aside
    report: what steps add to the result, for programs
    wish:   how the instance is to be reached from outside; wish_reason: why not at all, where it is not
    """

    instance: Instance
    settings: Settings
    backend: Backend
    state: State | None = None
    launch: Launch | None = None
    notes: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    wish_reason: str = ""

    @property
    def known(self) -> State:
        """The state, in steps that come after it was made."""
        if self.state is None:
            raise DevkitError(f"nothing is known of instance {self.instance.name}", hint="devkit up starts it")
        return self.state

    @property
    def running(self) -> bool:
        return self.state is not None and self.backend.is_running(self.instance, self.state)

    def client(self) -> "OpenMeter":
        """A client of the instance's server."""
        from devkit.adapters.openmeter import OpenMeter

        return OpenMeter(self.known.url, token=self.known.api_token or None)

    def remember(self, state: State) -> "Session":
        """Writes the state down and carries it on."""
        write_state(self.instance, state)
        return replace(self, state=state)

    def noting(self, note: str) -> "Session":
        return replace(self, notes=(*self.notes, note))

    def reporting(self, **more: Any) -> "Session":
        return replace(self, report={**self.report, **more})
