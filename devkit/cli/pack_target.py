"""What the commands on seed packs begin with: the server, and the packs that were meant."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devkit.adapters.openmeter import OpenMeter
    from devkit.usecases.target import Target


def server_of(url: str | None, name: str | None) -> "Target":
    """The server: --url, else the running instance, else OPENMETER_URL. Raises UnreachableError without any."""
    import os

    from devkit.cli.target import session_here
    from devkit.usecases.target import target_of

    return target_of(session_here(name=name), os.environ, named=name is not None, url=url)


@contextmanager
def client_of(url: str | None, name: str | None) -> "Iterator[OpenMeter]":
    """A client of that server. Raises UsageError where the URL is none."""
    from devkit.adapters.openmeter import OpenMeter
    from devkit.core.errors import UsageError

    server = server_of(url, name)
    if not server.url.startswith(("http://", "https://")):
        raise UsageError(f"{server.url!r} is no URL of a server", hint="such as http://127.0.0.1:48888")
    with OpenMeter(server.url, token=server.token or None) as client:
        yield client


def packs_of(given: Sequence[str] | None, name: str | None) -> list[str]:
    """The packs that were named, else those that the instance was seeded with. Raises UsageError without any."""
    from devkit.cli.target import session_here
    from devkit.core.errors import UsageError
    from devkit.seeding.pack import shipped_packs
    from devkit.usecases.recall import recall

    if given:
        return list(given)
    state = recall(session_here(name=name).instance).state
    if state is not None and state.seeds:
        return list(state.seeds)
    raise UsageError("which seed pack?", hint=f"one of {', '.join(shipped_packs())}, or the path of a file")
