"""The gateway on a port, in a thread of its own."""

import socket
import threading
from typing import Self

import uvicorn

from devkit.agent.gateway.app import Gateway

_GRACE = 5  # seconds that requests under way get in the end
_KEEP_ALIVE = 30  # seconds
_CONNECTIONS = 128
_LONGEST_HEAD = 32 * 1024  # bytes
_STARTS_WITHIN = 10  # seconds


class GatewayServer:
    """Serves until it is closed. A context manager."""

    def __init__(self, gateway: Gateway, listener: socket.socket) -> None:
        """listener: bound to loopback; closed with the server. Raises RuntimeError where it does not start."""
        self.gateway = gateway
        self.port = int(listener.getsockname()[1])
        self._server = _Server(gateway)
        self._listener = listener
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        if not self._server.ready.wait(_STARTS_WITHIN):
            self.close()
            raise RuntimeError("the gateway did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


class _Server(uvicorn.Server):
    def __init__(self, gateway: Gateway) -> None:
        super().__init__(_configuration(gateway))
        self._gateway = gateway
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._gateway.close()


def _configuration(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        gateway,
        http="h11",  # bounds the head of a request, and reads it strictly
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
