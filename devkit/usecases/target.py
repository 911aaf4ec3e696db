"""Which server a command talks to that works on any of them."""

from collections.abc import Mapping
from pathlib import Path

from devkit.adapters.backends import BACKENDS
from devkit.core.errors import UnreachableError
from devkit.usecases.recall import open_session, recall

VARIABLE = "OPENMETER_URL"


def server_url(url: str | None, name: str | None, environment: Mapping[str, str], start: Path) -> str:
    """The URL given, else that of the running instance, else OPENMETER_URL unless an instance was asked for by name.

    start: the folder of the command. Raises UnreachableError where none of them is there.
    """
    if url:
        return url
    instance = open_session(start, environment, {"name": name}).instance
    state = recall(instance).state
    if state is not None and BACKENDS[state.backend].is_running(state):
        return state.url
    if name is None and environment.get(VARIABLE):
        return environment[VARIABLE]
    raise UnreachableError(
        f"instance {instance.name} does not run",
        hint=f"devkit up starts it; --url (or {VARIABLE}) names any other server",
    )
