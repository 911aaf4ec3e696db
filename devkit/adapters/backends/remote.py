"""The remote backend: an OpenMeter that runs elsewhere. It is neither started nor stopped, only proven and filled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from devkit.adapters.backends.base import Change, Ended, ServiceStatus, Started, Tell
from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError, UsageError
from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.state import State

_CONNECT_WITHIN = 10.0  # seconds
_ELSEWHERE = "it runs elsewhere"


@dataclass(frozen=True)
class Remote:
    name: str = "remote"
    offsets: Mapping[str, int] = field(default_factory=dict)
    proof_within: float = 60.0

    def preflight(self, instance: Instance) -> Sequence[Finding]:
        _ = instance
        return ()

    def held_ports(self, instance: Instance) -> frozenset[int]:
        _ = instance
        return frozenset()

    def plan(self, instance: Instance, state: State) -> Sequence[Change]:
        _ = instance, state
        return ()

    def prepare(self, instance: Instance, tell: Tell) -> None:
        """Nothing is needed but devkit itself."""
        _ = instance, tell

    def start(self, instance: Instance, state: State, tell: Tell) -> Started:
        """Asks it once. Raises UnreachableError, and MissingToolError where it wants another token."""
        _ = instance, tell
        status = _status(state, _CONNECT_WITHIN)
        if status in (401, 403):
            raise MissingToolError(
                f"{state.url} answered {status}: it wants {'another' if state.api_token else 'a'} token",
                hint="devkit up --backend remote --url URL --token TOKEN (or DEVKIT_TOKEN)",
            )
        if status >= 400:
            raise DevkitError(
                f"{state.url} answered {status} to a list of meters", hint="is it the URL of an OpenMeter?"
            )
        return Started(f"nothing to start: {_ELSEWHERE}")

    def is_running(self, instance: Instance, state: State) -> bool:
        """Taken for granted: only its answers show more."""
        _ = instance, state
        return True

    def answers(self, instance: Instance, state: State, *, timeout: float = 2) -> bool:
        _ = instance
        try:
            return _status(state, timeout) < 400
        except UnreachableError:
            return False

    def find(self, instance: Instance) -> State | None:
        """Nothing here shows where it runs."""
        _ = instance
        return None

    def stop(self, instance: Instance, state: State | None, tell: Tell) -> Ended:
        _ = instance, state, tell
        return Ended(f"nothing to stop: {_ELSEWHERE}")

    def down(self, instance: Instance, tell: Tell) -> None:
        _ = instance, tell

    def belongings(self, instance: Instance) -> Sequence[str]:
        _ = instance
        return ()

    def destroy(self, instance: Instance, tell: Tell) -> None:
        _ = instance, tell

    def reset_events(self, instance: Instance, tell: Tell) -> None:
        _ = instance, tell
        raise UsageError("the events of a server elsewhere stay as they are", hint="OpenMeter's API deletes no events")

    def services(self, instance: Instance) -> Sequence[ServiceStatus]:
        _ = instance
        return ()

    def sink_lag(self, instance: Instance) -> None:
        """Nobody outside sees it."""
        _ = instance

    def log_lines(self, instance: Instance, count: int, service: str | None = None) -> Sequence[str]:
        _ = instance, count, service
        raise UsageError(f"there is no log here: {_ELSEWHERE}")

    def follow_log(self, instance: Instance, count: int, service: str | None, tell: Callable[[str], None]) -> None:
        _ = tell
        self.log_lines(instance, count, service)


def _status(state: State, timeout: float) -> int:
    with OpenMeter(state.url, token=state.api_token or None, timeout=timeout) as client:
        return client.send("listMeters", query={"pageSize": 1}).status_code
