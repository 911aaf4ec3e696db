"""A gateway on a real socket, with a server behind it that keeps what it gets."""

import contextlib
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from devkit.agent.gateway.app import Bounds, Gateway
from devkit.agent.gateway.server import GatewayServer
from devkit.core.ports import bind
from tests.upstream import Upstream, upstream

APP = "01KAPP0STR1PE0000000000000"
OTHER_APP = "01KAPP0STR1PE0000000000001"
NAME = "gateway-of-the-test"
WEBHOOK = f"/api/v1/apps/{APP}/stripe/webhook"


@dataclass(frozen=True)
class Wire:
    """A gateway's port, and the server behind it."""

    port: int
    behind: Upstream
    gateway: Gateway

    def send(self, request: bytes, *, quiet: float = 20) -> list[int]:
        """The statuses of all answers to these very bytes."""
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.exchange(request, quiet=quiet))]

    def exchange(self, request: bytes, *, quiet: float = 20) -> bytes:
        """What comes until the gateway closes the connection, or says nothing for this many seconds."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=quiet) as connection:
            connection.sendall(request)
            answer = b""
            # A reset is what closing over an unread body looks like.
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                while more := connection.recv(65536):
                    answer += more
            return answer


def request(
    target: str | bytes, *, method: str = "POST", headers: dict[str, str] | None = None, body: bytes = b"{}"
) -> bytes:
    """A whole request, spelled as it is given."""
    raw = target.encode() if isinstance(target, str) else target
    fields = {"Host": "gateway", "Content-Length": str(len(body)), "Connection": "close"} | (headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return method.encode() + b" " + raw + b" HTTP/1.1\r\n" + head.encode() + b"\r\n" + body


@pytest.fixture
def serve() -> Iterator[Callable[..., Wire]]:
    """Makes gateways: serve(bounds, apps)."""
    opened: list[GatewayServer] = []
    with upstream() as behind:

        def served(bounds: Bounds | None = None, apps: tuple[str, ...] = (APP,)) -> Wire:
            gateway = Gateway(f"http://127.0.0.1:{behind.port}", name=NAME, bounds=bounds)
            gateway.admit(apps)
            opened.append(GatewayServer(gateway, bind(0)))
            return Wire(opened[-1].port, behind, gateway)

        yield served
        for server in opened:
            server.close()


@pytest.fixture
def wire(serve: Callable[..., Wire]) -> Wire:
    return serve(Bounds(a_second=10_000, burst=10_000, reading=1))
