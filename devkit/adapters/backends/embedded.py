"""The embedded backend: the OpenMeter-compatible server inside the instance's agent, a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.adapters.probe import serves
from devkit.core.agent_files import agent_of, command_line, read_marker
from devkit.core.instance import Instance, cannot_write
from devkit.core.ports import HOST
from devkit.core.processes import Process, end, is_alive, process_of
from devkit.core.state import State
from devkit.core.tail import last_lines

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

    def start(self, instance: Instance, state: State) -> AgentLaunch:
        """Starts the agent, detached from the terminal. It reads its port and token from the state file."""
        _ = state
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

    def is_running(self, state: State) -> bool:
        return state.process is not None and is_alive(state.process)

    def answers(self, state: State, *, timeout: float = 2) -> bool:
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

    def stop(self, instance: Instance, state: State | None) -> bool:
        """Ends the agent that the state names and any other that serves this folder."""
        running = {state.process} if state and state.process else set()
        if other := agent_of(instance):
            running.add(other)
        gently = [end(process, grace=_GRACE) for process in running]
        instance.agent_file.unlink(missing_ok=True)
        return all(gently)

    def log_lines(self, instance: Instance, count: int) -> Sequence[str]:
        """The log, and after it what the interpreter said itself (an import that failed, a crash)."""
        return [*last_lines(instance.log_file, count), *last_lines(instance.output_file, count)][-count:]


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
