"""Serves an ASGI application with uvicorn on a socket that is bound already, and ends it cleanly.

The caller binds (to the loopback address), so that a taken port is known before anything is opened.
"""

import socket
from asyncio import Protocol
from collections.abc import Callable
from typing import Any, Literal

import uvicorn

from devkit.embedded.http.pipeline import Application

_GRACE = 5  # seconds that requests under way get when the server ends
_KEEP_ALIVE = 75  # seconds; clients keep connections longer than uvicorn's default


def run(
    app: Any, listener: socket.socket, *, ready: Callable[[], None], protocol: type[Protocol] | None = None
) -> None:
    """Answers requests until SIGTERM or Ctrl-C, which arrive again at the caller once the server has ended.

    ready:    called when the first request may come
    protocol: a subclass of uvicorn's HttpToolsProtocol in place of the one for ingest
    """
    _Server(configuration(app, protocol), ready).run(sockets=[listener])


def configuration(app: Any, protocol: type[Protocol] | None = None) -> uvicorn.Config:
    """The settings under which the embedded server always runs. uvloop and httptools are used where they are there."""
    return uvicorn.Config(
        app,
        http=protocol or _protocol(app),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )


def _protocol(app: Any) -> type[Protocol] | Literal["auto"]:
    """The protocol that answers ordinary events by itself, where it can run (it needs httptools) and has a store."""
    try:
        from devkit.embedded.ingest_protocol import ingest_protocol
    except ImportError:
        return "auto"
    return ingest_protocol(app.store, app.settings.max_body_bytes) if isinstance(app, Application) else "auto"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
