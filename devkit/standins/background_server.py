"""An HTTP server of a stand-in: on a bound socket, in threads of its own, until it is closed."""

import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_POLL_SECONDS = 0.05


class BackgroundServer:
    """Serves from the moment that it is made. A context manager."""

    def __init__(
        self, listener: socket.socket, handler: type[BaseHTTPRequestHandler], *, tls: ssl.SSLContext | None = None
    ) -> None:
        """listener: bound; tls: for HTTPS. Raises OSError."""
        host, self.port = listener.getsockname()[:2]
        self.address = f"{host}:{self.port}"
        self.url = f"{'http' if tls is None else 'https'}://{self.address}"
        self._server = _Listener((host, self.port), handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        if tls is not None:
            # Each connection shakes hands in its own thread: one that says nothing keeps nobody waiting.
            self._server.socket = tls.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up or does not trust the server is nobody's business; all else is told as ever."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError | ssl.SSLError):
            super().handle_error(request, client_address)
