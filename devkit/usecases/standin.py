"""The stand-ins in the foreground."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from devkit.core.errors import DevkitError, UsageError
from devkit.core.ports import listener, owner_of
from devkit.standins.ngrok.agent import AgentError
from devkit.standins.ngrok.executable import write_executable
from devkit.standins.ngrok.server import Server as NgrokServer
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn

_POLL_SECONDS = 0.1


def serve_stripe(
    port: int,
    key: str,
    *,
    allow_loopback: bool = True,
    certificate: tuple[Path, Path] | None = None,
    data: Path | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serves a stand-in for Stripe until Ctrl-C or SIGTERM. Raises DevkitError.

    data: the file that keeps what it knows; ready: gets the URL once requests may come
    """
    try:
        stand_in = StripeStandIn(key, allow_loopback=allow_loopback, file=data)
    except ValueError as error:
        raise UsageError(f"--key: {error}", hint="take one that begins with sk_test_") from error
    ended = _ending()
    try:
        own = listener(port, other="devkit standin stripe --port 0")
    except DevkitError:
        stand_in.close()
        raise
    try:
        server = Server(stand_in, own, certificate=certificate)
    except OSError as error:
        stand_in.close()
        raise DevkitError(f"cannot serve with this certificate: {error}", hint="give files in PEM form") from error
    with server:
        ready(server.url)
        ended.wait()


def serve_ngrok(port: int, upstream: str | None, *, ready: Callable[[str, str | None], None]) -> None:
    """Serves a stand-in for the ngrok agent until Ctrl-C or SIGTERM. Raises DevkitError.

    upstream: a port or host:port for which an endpoint is opened at once
    ready:    gets the URL of the API, and the public one where there is an endpoint
    """
    ended = _ending()
    try:
        server = NgrokServer(port)
    except OSError as error:
        raise DevkitError(
            f"cannot listen on port {port}: {owner_of(port)} has it", hint="devkit standin ngrok --port 0"
        ) from error
    with server:
        try:
            public = server.agent.open({"addr": upstream}).url if upstream else None
        except AgentError as error:
            raise UsageError(error.detail, hint="give a port: devkit standin ngrok 48888") from error
        ready(f"http://{server.address}", public)
        while not ended.wait(_POLL_SECONDS) and not server.ended.is_set():
            pass


def write_ngrok(path: Path) -> Path:
    """Writes the stand-in as an executable and returns its whole path. Raises DevkitError."""
    if os.name != "posix":
        raise DevkitError("the executable is a script for POSIX systems", hint="use WSL")
    whole = path.absolute()
    if whole.exists():
        raise UsageError(f"{whole} is there already", hint="name a file that is not, or remove it")
    try:
        return write_executable(whole)
    except OSError as error:
        raise DevkitError(f"cannot write {whole}: {error.strerror or error}") from error


def _ending() -> threading.Event:
    """Set by Ctrl-C and SIGTERM."""
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    return ended
