"""What the agent needs of an OpenMeter that is in its own process."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

Serve = Callable[[socket.socket, Callable[[], None]], None]  # (listener, ready): answers requests until a signal


class Server(Protocol):
    """What answers requests over the instance's data."""

    @property
    def serve(self) -> Serve: ...

    @property
    def reached_at(self) -> Callable[[str], None]:
        """Tells it where Stripe reaches it from now on."""

    @property
    def renew_webhook(self) -> Callable[[str, str, str], None]:
        """Has a Stripe app work with another webhook endpoint: app, id of the endpoint, its secret."""


OpenServer = Callable[[Path, str], AbstractContextManager[Server]]
