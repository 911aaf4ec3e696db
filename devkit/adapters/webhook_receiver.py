"""The receiving end of webhooks: a small HTTP server on loopback that hands over every POST and answers it."""

import http.server
import socket
import socketserver
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

LONGEST_BODY = 4 * 1024 * 1024
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Arrived:
    """One request. headers: names in lower case"""

    path: str
    headers: Mapping[str, str]
    body: bytes


class WebhookReceiver:
    """Answers until it is ended.

    listener: a socket that listens already; it stays its owner's
    answer:   the status of every answer
    receive:  gets each request before it is answered, one at a time for each connection
    """

    def __init__(self, listener: socket.socket, answer: int, receive: Callable[[Arrived], None]) -> None:
        self._server = _Server(listener, _handler(answer, receive))

    def serve(self) -> None:
        """Returns after `end`, which another thread calls."""
        self._server.serve_forever(poll_interval=0.05)

    def end(self) -> None:
        self._server.shutdown()


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(listener.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that hangs up is nobody's business."""


def _handler(answer: int, receive: Callable[[Arrived], None]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _TIMEOUT_SECONDS

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdecimal():
                self._answer(HTTPStatus.LENGTH_REQUIRED, close=True)
            elif int(length) > LONGEST_BODY:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, close=True)
            else:
                body = self.rfile.read(int(length))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receive(Arrived(self.path, headers, body))
                self._answer(answer)

        def _answer(self, status: int, *, close: bool = False) -> None:
            self.send_response(status)
            if status >= 200 and status not in (204, 304):
                self.send_header("content-length", "0")
            if close:
                self.send_header("connection", "close")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """What came is told by who asked for it."""

    return Handler
