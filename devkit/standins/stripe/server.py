"""The stand-in on a port."""

import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Self

from devkit.standins.stripe.faults import Dropped
from devkit.standins.stripe.service import StripeStandIn

LARGEST_BODY = 1 << 20

_POLL_SECONDS = 0.05


class Server:
    """Serves a stand-in in the background until it is closed. A context manager."""

    def __init__(
        self,
        stand_in: StripeStandIn,
        listener: socket.socket,
        *,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """listener: bound; certificate: files of certificate and key, for HTTPS. Raises OSError."""
        self._stand_in = stand_in
        handler = type("Handler", (_Handler,), {"stand_in": stand_in})
        host, self.port = listener.getsockname()[:2]
        self._server = _Listener((host, self.port), handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        self._server.server_activate()
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://{host}:{self.port}"
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
        self._stand_in.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    stand_in: ClassVar[StripeStandIn]

    def respond(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self.send_error(413)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.stand_in.respond(self.command, self.path, headers, body)
        except Dropped:
            self.close_connection = True
            self.connection.close()
            return
        data = (json.dumps(answer.body, indent=2) + "\n").encode()
        self.send_response_only(answer.status)
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        for name, value in (fixed | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = respond  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of the base class
        """Says nothing: `/_standin/state` tells what came."""

    def _body(self) -> bytes | None:
        """None where it is too long or not well formed."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = self.headers.get("content-length") or "0"
        return self.rfile.read(int(length)) if length.isdigit() and int(length) <= LARGEST_BODY else None

    def _chunks(self) -> bytes | None:
        """stripe-go, OpenMeter's client, sends its forms in chunks."""
        body = b""
        while len(body) <= LARGEST_BODY:
            try:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
            except ValueError:
                return None
            if size == 0:
                while self.rfile.readline(1000).strip():
                    pass
                return body
            if size > LARGEST_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(10)
        return None
