"""What the agent and those who start it agree on: its command line, its files, its route and its exit codes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.instance import Instance
from devkit.core.processes import Process, command_line_of, running_with

MODULE = "devkit.agent"
IDENTITY_ROUTE = "/_devkit/instance"
PORT_TAKEN = 75  # EX_TEMPFAIL: another process was quicker; worth another try on another port


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """agent.json: what the agent says about itself once it listens."""

    process: Process
    port: int
    token: str
    version: str
    started_at: str


def command_line(instance: Instance) -> list[str]:
    """How the agent is started. Secrets never stand here: every user of the machine can read it."""
    return [sys.executable, "-m", MODULE, "--folder", str(instance.folder)]


def read_marker(instance: Instance) -> Marker | None:
    """None where the agent has not said anything that can be understood."""
    try:
        return msgspec.json.decode(instance.agent_file.read_bytes(), type=Marker)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_marker(instance: Instance, marker: Marker) -> None:
    """Raises OSError where the folder cannot be written."""
    write_atomically(instance.agent_file, msgspec.json.encode(marker))


def running_agents() -> Iterator[tuple[Process, Instance]]:
    """Every agent that runs on this machine and that this user may see, with the instance it serves."""
    for process, line in running_with(["-m", MODULE, "--folder"]):
        folder = Path(line[line.index("--folder") + 1])
        if folder.is_absolute():
            yield process, Instance.of_folder(folder)


def folder_served_by(process: Process) -> Path | None:
    """The state folder that this agent was started for, None where the process is no agent."""
    line = command_line_of(process)
    following = line.index("--folder") + 1 if MODULE in line and "--folder" in line else len(line)
    return Path(line[following]) if following < len(line) else None


def agent_of(instance: Instance) -> Process | None:
    """The agent that runs for this instance, whatever the files say."""
    folder = instance.folder
    return next((process for process, other in running_agents() if other.folder == folder), None)
