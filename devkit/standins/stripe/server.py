"""The stand-in on a port."""

import json
import socket
import ssl
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

from devkit.standins.background_server import BackgroundServer
from devkit.standins.stripe.faults import Dropped
from devkit.standins.stripe.service import StripeStandIn

LARGEST_BODY = 1 << 20


class Server(BackgroundServer):
    """Serves a stand-in in the background until it is closed. A context manager."""

    def __init__(
        self,
        stand_in: StripeStandIn,
        listener: socket.socket,
        *,
        certificate: tuple[Path, Path] | None = None,
        owner: bool = True,
    ) -> None:
        """listener: bound; certificate: files of certificate and key, for HTTPS. Raises OSError.

        owner: whether the stand-in closes with this server, the last one over it
        """
        self._stand_in = stand_in
        self._owner = owner
        tls = None
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(*certificate)
        super().__init__(listener, type("Handler", (_Handler,), {"stand_in": stand_in}), tls=tls)

    def close(self) -> None:
        super().close()
        if self._owner:
            self._stand_in.close()


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
