"""The embedded backend: the OpenMeter-compatible server inside the instance's agent, a process of its own."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from devkit.adapters.backends.agent_process import (
    agent_change,
    agent_log,
    end_agent,
    follow_agent_log,
    launch_agent,
    served_outside,
)
from devkit.adapters.backends.base import Change, Ended, ServiceStatus, Started, Tell
from devkit.adapters.probe import serves
from devkit.core.agent_files import agent_of, read_marker
from devkit.core.errors import DevkitError, UsageError
from devkit.core.findings import Finding
from devkit.core.instance import Instance, cannot_write
from devkit.core.outside import Wish
from devkit.core.ports import HOST, OFFSETS
from devkit.core.processes import is_alive
from devkit.core.secrets_file import read_secrets
from devkit.core.state import State


@dataclass(frozen=True)
class Embedded:
    name: str = "embedded"
    offsets: Mapping[str, int] = field(default_factory=lambda: OFFSETS)
    proof_within: float = 10.0

    def preflight(self, instance: Instance) -> Sequence[Finding]:
        _ = instance
        return ()

    def held_ports(self, instance: Instance) -> frozenset[int]:
        """None: its one port is planned anew only where it does not run."""
        _ = instance
        return frozenset()

    def plan(self, instance: Instance, state: State) -> Sequence[Change]:
        running = state.process if self.is_running(instance, state) else None
        change = agent_change(instance, running, state.wish)
        return (change,) if change else ()

    def prepare(self, instance: Instance, tell: Tell) -> None:
        """Nothing is needed but devkit itself."""
        _ = instance, tell

    def start(self, instance: Instance, state: State, tell: Tell) -> Started:
        """Starts the agent unless it runs, detached from the terminal. It reads port and token from the state file."""
        changes = self.plan(instance, state)
        if not changes and state.process:
            return Started(f"the agent runs already (pid {state.process.pid})")
        if state.process and not self.is_running(instance, state):
            tell(f"the agent (pid {state.process.pid}) had ended without being stopped")
        launch = launch_agent(instance)
        again = changes[0].action == "restart"
        detail = f"agent restarted, {changes[0].reason}" if again else "agent started"
        return Started(f"{detail} (pid {launch.process.pid})", changes, launch)

    def is_running(self, instance: Instance, state: State) -> bool:
        _ = instance
        return state.process is not None and is_alive(state.process)

    def answers(self, instance: Instance, state: State, *, timeout: float = 2) -> bool:
        _ = instance
        return serves(state.url, state.token, timeout=timeout)

    def find(self, instance: Instance) -> State | None:
        """Looks at the processes and at what the agent wrote about itself. An agent that wrote nothing is no use."""
        process, marker = agent_of(instance), read_marker(instance)
        if process is None or marker is None or not is_alive(marker.process):
            return None
        outside = served_outside(instance, process)
        return State(
            backend=self.name,
            token=marker.token,
            ports={"openmeter": marker.port},
            url=url_of(marker.port),
            process=process,
            started_at=marker.started_at,
            wish=outside.wish if outside else Wish(),
            identity=read_secrets(instance).identity if outside else "",
            public_url=(outside.tunnel.url or "") if outside else "",
        )

    def stop(self, instance: Instance, state: State | None, tell: Tell) -> Ended:
        """Ends the agent that the state names and any other that serves this folder."""
        _ = tell
        return end_agent(instance, state.process if state else None)

    def down(self, instance: Instance, tell: Tell) -> None:
        """The agent was all that there is besides the folder."""
        _ = instance, tell

    def belongings(self, instance: Instance) -> Sequence[str]:
        _ = instance
        return ()

    def destroy(self, instance: Instance, tell: Tell) -> None:
        """All that it has stands in the instance's folder."""
        _ = instance, tell

    def reset_events(self, instance: Instance, tell: Tell) -> None:
        """Removes the events. The agent must not run: it has the files open."""
        if (agent := agent_of(instance)) is not None:
            raise DevkitError(f"the agent (pid {agent.pid}) has the events open", hint="devkit stop ends it")
        tell("removing the events")
        try:
            shutil.rmtree(instance.data_folder / "events", ignore_errors=False)
        except FileNotFoundError:
            return
        except OSError as error:
            raise cannot_write(instance.data_folder, error) from error

    def services(self, instance: Instance) -> Sequence[ServiceStatus]:
        _ = instance
        return ()

    def sink_lag(self, instance: Instance) -> None:
        """Events are stored as they are taken in."""
        _ = instance

    def log_lines(self, instance: Instance, count: int, service: str | None = None) -> Sequence[str]:
        _only_one(service)
        return agent_log(instance, count)

    def follow_log(self, instance: Instance, count: int, service: str | None, tell: Callable[[str], None]) -> None:
        _only_one(service)
        follow_agent_log(instance, count, tell)


def _only_one(service: str | None) -> None:
    if service is not None:
        raise UsageError(f"there is no service {service}: the embedded backend is one process with one log")


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"
