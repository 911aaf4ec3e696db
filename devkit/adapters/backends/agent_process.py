"""The agent of an instance as a process: started detached from the terminal, compared with what is wanted, ended."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.adapters.backends.base import Change, Ended
from devkit.core.agent_files import agent_of, command_line
from devkit.core.instance import Instance, cannot_write
from devkit.core.outside import Outside, Wish, outside_file, read_outside
from devkit.core.processes import Process, end, is_alive, process_of, same
from devkit.core.settings import without_secrets
from devkit.core.tail import follow, last_lines

SERVICE = "agent"

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


def launch_agent(instance: Instance) -> AgentLaunch:
    """Starts it; one that runs for the instance ends first. It reads what to do from the state file."""
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


def end_agent(instance: Instance, known: Process | None) -> Ended:
    """Ends this process and any other agent that serves the instance's folder."""
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


def agent_change(instance: Instance, running: Process | None, wish: Wish) -> Change | None:
    """What must be done so that the agent runs and serves this wish; None where it does.

    running: the agent, where it runs
    """
    if running is None:
        return Change(SERVICE, "start", "it does not run")
    outside = served_outside(instance, running)
    served = outside.wish if outside else Wish()
    if served == wish:
        return None
    if not wish.anything:
        return Change(SERVICE, "restart", f"without {served}")
    return Change(SERVICE, "restart", f"{wish} asked for" if not served.anything else f"{wish} in place of {served}")


def forget_outside(instance: Instance) -> None:
    """What an agent said that does not run any more. Raises OSError."""
    outside_file(instance).unlink(missing_ok=True)


def agent_log(instance: Instance, count: int) -> list[str]:
    """The last lines of its log, and after it of what the interpreter said itself (an import that failed, a crash)."""
    return [*last_lines(instance.log_file, count), *last_lines(instance.output_file, count)][-count:]


def follow_agent_log(instance: Instance, count: int, tell: Callable[[str], None]) -> None:
    """Goes on for ever with what is added."""
    added = follow(instance.log_file)
    for line in last_lines(instance.log_file, count):
        tell(line)
    for line in added:
        tell(line)


def served_outside(instance: Instance, running: Process) -> Outside | None:
    """What this very agent says about the outside; None where it serves none."""
    said = read_outside(instance)
    return said if said and same(said.process, running) else None


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
    """This process's environment without its secrets, which the agent reads from their file.

    From a checkout that is not installed, with the way to the package.
    """
    environment = without_secrets(os.environ)
    package_home = str(Path(__file__).resolve().parents[3])
    if any(Path(entry).resolve() == Path(package_home) for entry in sys.path if entry and "site-packages" in entry):
        return environment
    inherited = environment.get("PYTHONPATH")
    return {**environment, "PYTHONPATH": os.pathsep.join([package_home, *([inherited] if inherited else [])])}
