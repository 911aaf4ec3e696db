"""Which server a command talks to that works on any of them."""

from collections.abc import Mapping

from devkit.adapters.backends import BACKENDS
from devkit.core.errors import UnreachableError
from devkit.usecases.recall import recall
from devkit.usecases.session import Session

VARIABLE = "OPENMETER_URL"


def server_url(session: Session, environment: Mapping[str, str], *, named: bool) -> str:
    """The URL of the session's instance where it runs, else OPENMETER_URL unless the instance was asked for by name.

    Raises UnreachableError where neither is there.
    """
    state = recall(session.instance).state
    if state is not None and BACKENDS[state.backend].is_running(state):
        return state.url
    if not named and environment.get(VARIABLE):
        return environment[VARIABLE]
    raise UnreachableError(
        f"instance {session.instance.name} does not run",
        hint=f"devkit up starts it; --url (or {VARIABLE}) names any other server",
    )
