"""The stand-ins in the foreground."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from devkit.core.errors import DevkitError, UsageError
from devkit.core.ports import listener
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn


def serve_stripe(
    port: int,
    key: str,
    *,
    allow_loopback: bool = True,
    certificate: tuple[Path, Path] | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serves a stand-in for Stripe until Ctrl-C or SIGTERM. Raises DevkitError.

    ready: gets the URL once requests may come
    """
    try:
        stand_in = StripeStandIn(key, allow_loopback=allow_loopback)
    except ValueError as error:
        raise UsageError(f"--key: {error}", hint="take one that begins with sk_test_") from error
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
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
