"""The embedded backend: the OpenMeter-compatible server inside the instance's agent, a process of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devkit.adapters.backends.base import Change, Ended, ServiceStatus, Started, Tell
from devkit.adapters.probe import serves
from devkit.core.agent_files import agent_of, command_line, read_marker
from devkit.core.errors import DevkitError, UsageError
from devkit.core.findings import Finding
from devkit.core.instance import Instance, cannot_write
from devkit.core.ports import HOST, OFFSETS
from devkit.core.processes import Process, end, is_alive, process_of
from devkit.core.state import State
from devkit.core.tail import follow, last_lines

_GRACE = 15.0  # seconds that the server gets to finish requests and flush events

# Windows: no console of its own, and none inherited that could take it down.
_DETACHED = 0x00000008 | 0x00000200 | 0x08000000  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW


@dataclass(frozen=True)
class AgentLaunch:
    process: Process
    child: subprocess.Popen[bytes]

    def ended_with(self) -> int | None:
        return self.child.poll()

    def release(self) -> None:
        # The agent outlives its parent on purpose; without this Python warns about a child that was left behind.
        if self.child.returncode is None:
            self.child.returncode = 0


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
        return () if self.is_running(instance, state) else (Change("agent", "start", "it does not run"),)

    def prepare(self, instance: Instance, tell: Tell) -> None:
        """Nothing is needed but devkit itself."""
        _ = instance, tell

    def start(self, instance: Instance, state: State, tell: Tell) -> Started:
        """Starts the agent unless it runs, detached from the terminal. It reads port and token from the state file."""
        if self.is_running(instance, state) and state.process:
            return Started(f"the agent runs already (pid {state.process.pid})")
        if state.process:
            tell(f"the agent (pid {state.process.pid}) had ended without being stopped")
        changes, launch = self.plan(instance, state), self._launch(instance)
        return Started(f"agent started (pid {launch.process.pid})", changes, launch)

    def _launch(self, instance: Instance) -> AgentLaunch:
        if (stray := agent_of(instance)) is not None:
            end(stray, grace=_GRACE)  # two agents must never share a data folder
        instance.agent_file.unlink(missing_ok=True)
        try:
            with instance.output_file.open("wb") as output:
                instance.output_file.chmod(0o600)
                child = _spawn(command_line(instance), instance.folder, output.fileno())
        except OSError as error:
            raise cannot_write(instance.folder, error) from error
        return AgentLaunch(process_of(child.pid) or Process(child.pid, 0), child)

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
        return State(
            backend=self.name,
            token=marker.token,
            ports={"openmeter": marker.port},
            url=url_of(marker.port),
            process=process,
            started_at=marker.started_at,
        )

    def stop(self, instance: Instance, state: State | None, tell: Tell) -> Ended:
        """Ends the agent that the state names and any other that serves this folder."""
        _ = tell
        known = state.process if state else None
        running = {each for each in (known, agent_of(instance)) if each is not None}
        if not running:
            return Ended("nothing was running")
        alive = any(is_alive(process) for process in running)
        endings = [end(process, grace=_GRACE) for process in running]  # every one, also after one that was killed
        instance.agent_file.unlink(missing_ok=True)
        pid = (known or running.pop()).pid
        if not alive:
            return Ended(f"the agent (pid {pid}) had ended already", changed=True)
        how = "stopped" if all(endings) else "killed, because it did not stop by itself"
        return Ended(f"agent {how} (pid {pid})", changed=True)

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
        """The log, and after it what the interpreter said itself (an import that failed, a crash)."""
        _only_one(service)
        return [*last_lines(instance.log_file, count), *last_lines(instance.output_file, count)][-count:]

    def follow_log(self, instance: Instance, count: int, service: str | None, tell: Callable[[str], None]) -> None:
        _only_one(service)
        added = follow(instance.log_file)
        for line in last_lines(instance.log_file, count):
            tell(line)
        for line in added:
            tell(line)


def _only_one(service: str | None) -> None:
    if service is not None:
        raise UsageError(f"there is no service {service}: the embedded backend is one process with one log")


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


def _spawn(command: Sequence[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
    """A process that neither the terminal nor the end of this one takes down."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,  # ignored on Windows, as the flags are elsewhere
        creationflags=_DETACHED if sys.platform == "win32" else 0,
    )


def _environment() -> dict[str, str]:
    """This process's environment; from a checkout that is not installed, with the way to the package."""
    package_home = str(Path(__file__).resolve().parents[3])
    if any(Path(entry).resolve() == Path(package_home) for entry in sys.path if entry and "site-packages" in entry):
        return dict(os.environ)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([package_home, *([inherited] if inherited else [])])}
