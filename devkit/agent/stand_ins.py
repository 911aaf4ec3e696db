"""The stand-ins of `--offline`: Stripe's API on loopback, and for containers with TLS; the ngrok agent as a program."""

import errno
import logging
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from devkit.core.instance import Instance
from devkit.core.ports import HOST, bind, is_free
from devkit.standins.ngrok.executable import write_executable
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn

TOKEN = "offline"  # noqa: S105 - any does; the stand-in asks for one as ngrok does

_log = logging.getLogger("devkit.agent")


class StandIns:
    """Serve from the moment that they are made until they are closed. A context manager."""

    def __init__(self, instance: Instance, key: str, port: int) -> None:
        """key: opens the account at the stand-in of Stripe; port: where that is, if it is free. Raises OSError."""
        self._parts = ExitStack()
        self._stripe = StripeStandIn(key, file=instance.folder / "stripe.json")
        self.stripe_port = self._parts.enter_context(Server(self._stripe, bound(port))).port
        self.ngrok: Path = write_executable(instance.folder / "ngrok")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    def serve_containers(self, listener: socket.socket, certificate: tuple[Path, Path]) -> int:
        """Serves the same accounts with TLS where containers reach them, and returns the port."""
        server = self._parts.enter_context(Server(self._stripe, listener, certificate=certificate, owner=False))
        return int(server.port)


def bound(port: int) -> socket.socket:
    """A listener on loopback: on this port where it is free, else on any."""
    try:
        return bind(port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES) or not port:
            raise
        _log.info("port %d is taken, another one is used", port)
        return bind(0)


def reserved_address(port: int) -> str:
    """What to ask the stand-in of ngrok for: the address on this port where it is free, else empty for any."""
    return f"http://{HOST}:{port}" if port and is_free(port) else ""
