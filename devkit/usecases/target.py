"""Which server a command talks to that works on any of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from devkit.core.errors import UnreachableError, UsageError
from devkit.core.redaction import hide
from devkit.core.settings import names_a_user
from devkit.usecases.recall import with_memory
from devkit.usecases.session import Session

VARIABLE = "OPENMETER_URL"
TOKEN_VARIABLE = "OPENMETER_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Target:
    """A server. token: what it wants to see from its clients, empty for nothing."""

    url: str
    token: str = field(default="", repr=False)


def target_of(session: Session, environment: Mapping[str, str], *, named: bool, url: str | None = None) -> Target:
    """The server at `url`, else the session's instance where it runs, else OPENMETER_URL unless named.

    named: whether the instance was asked for by name
    Raises UnreachableError where none of them is there, and UsageError for an address with a password in it.
    """
    token = session.settings.token or environment.get(TOKEN_VARIABLE, "")
    hide(token)
    if url:
        return Target(_without_user(url, "--url"), token)
    session = with_memory(session)
    if session.state is not None and session.running:
        return Target(session.state.url, session.state.api_token)
    if not named and environment.get(VARIABLE):
        return Target(_without_user(environment[VARIABLE], VARIABLE), token)
    raise UnreachableError(
        f"instance {session.instance.name} does not run",
        hint=f"devkit up starts it; --url (or {VARIABLE}) names any other server",
    )


def _without_user(url: str, origin: str) -> str:
    """It would be shown wherever the address is, in reports too."""
    if names_a_user(url):
        raise UsageError(f"{origin} holds a name or a password", hint=f"give a token as {TOKEN_VARIABLE} instead")
    return url
