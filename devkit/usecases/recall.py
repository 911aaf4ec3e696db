"""What is known of an instance: its state file, or where that is damaged or gone, what runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from devkit.adapters.backends import BACKENDS, choose
from devkit.core.agent_files import folder_served_by
from devkit.core.instance import Instance, project_root
from devkit.core.processes import Process
from devkit.core.settings import Settings, resolve
from devkit.core.state import BrokenStateError, State, new_token, read_state, set_aside, write_state
from devkit.usecases.session import Session


@dataclass(frozen=True)
class Recalled:
    """What is known, and what people should be told about how it came to be known."""

    state: State | None
    notes: tuple[str, ...] = ()


def open_session(start: Path, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Session:
    """The session of a command that was given in the folder `start`, before anything is read of its instance.

    Raises UsageError for bad settings and for a backend that is not there.
    """
    root = project_root(start)
    settings: Settings = resolve(root, environment, flags)
    return Session(Instance(root, settings.name), settings, choose(settings.backend).backend)


def recall(instance: Instance) -> Recalled:
    """What is known of the instance. A damaged state file is set aside; then what runs is looked at."""
    if not instance.folder.is_dir():
        return Recalled(None)
    try:
        state = read_state(instance)
    except BrokenStateError as error:
        aside = set_aside(instance)
        state = _running(instance)
        found = (
            f"taken over from the running agent (pid {state.process.pid})" if state and state.process else "forgotten"
        )
        return Recalled(state, (f"{error.message}; it was set aside as {aside.name}, and the state was {found}",))
    if state and state.process and (original := _original_of(instance, state.process)):
        return Recalled(_as_copy(instance, state), (f"this folder is a copy of {original}, whose agent is left alone",))
    return Recalled(state or _running(instance))


def _original_of(instance: Instance, process: Process) -> Path | None:
    """The folder that the process serves, where that is another one: state files are copied along with a project."""
    served = folder_served_by(process)
    return served if served and served != instance.folder and served.is_dir() else None


def _as_copy(instance: Instance, state: State) -> State:
    copy = msgspec.structs.replace(state, token=new_token(), process=None, started_at=None, proven_at=None)
    write_state(instance, copy)
    return copy


def _running(instance: Instance) -> State | None:
    for backend in BACKENDS.values():
        if found := backend.find(instance):
            write_state(instance, found)
            return found
    return None
