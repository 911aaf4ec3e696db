"""What is known of an instance: its state file, or where that is damaged or gone, what runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from devkit.adapters.backends import backend_named, that_may_run
from devkit.adapters.backends.agent_process import forget_outside
from devkit.adapters.backends.choice import kept_backend
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

    Its backend is only a guess until `with_memory`, or `up`, knows better. Raises UsageError for bad settings.
    """
    root = project_root(start)
    settings: Settings = resolve(root, environment, flags)
    named = settings.backend if settings.backend != "auto" else "embedded"
    return Session(Instance(root, settings.name), settings, backend_named(named, settings.images_from))


def with_memory(session: Session) -> Session:
    """The session with what is known of its instance, and with the backend that the instance has."""
    recalled = recall(session.instance)
    name = recalled.state.backend if recalled.state else kept_backend(session.instance, None)
    backend = session.backend if name in (None, session.backend.name) else backend_named(str(name))
    return replace(session, state=recalled.state, backend=backend, notes=(*session.notes, *recalled.notes))


def recall(instance: Instance) -> Recalled:
    """What is known of the instance. A damaged state file is set aside; then what runs is looked at."""
    if not instance.folder.is_dir():
        return Recalled(None)
    try:
        state = read_state(instance)
    except BrokenStateError as error:
        aside = set_aside(instance)
        state = _running(instance)
        found = f"taken over from {_what_runs(state)}" if state else "forgotten"
        return Recalled(state, (f"{error.message}; it was set aside as {aside.name}, and the state was {found}",))
    if state and state.process and (original := _original_of(instance, state.process)):
        return Recalled(_as_copy(instance, state), (f"this folder is a copy of {original}, whose agent is left alone",))
    return Recalled(state or _running(instance))


def _original_of(instance: Instance, process: Process) -> Path | None:
    """The folder that the process serves, where that is another one: state files are copied along with a project."""
    served = folder_served_by(process)
    return served if served and served != instance.folder and served.is_dir() else None


def _as_copy(instance: Instance, state: State) -> State:
    copy = msgspec.structs.replace(
        state, token=new_token(), public_url="", process=None, started_at=None, proven_at=None
    )
    forget_outside(instance)
    write_state(instance, copy)
    return copy


def _what_runs(state: State) -> str:
    return f"the running agent (pid {state.process.pid})" if state.process else "the running containers"


def _running(instance: Instance) -> State | None:
    for backend in that_may_run(instance):
        if found := backend.find(instance):
            write_state(instance, found)
            return found
    return None
