"""The public side of an endpoint: a reverse proxy on a loopback port."""

import http.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

from devkit.core.ports import HOST, bind
from devkit.standins.background_server import BackgroundServer

LARGEST_BODY = 32 << 20

_TIMEOUT_SECONDS = 30
#: Headers that concern one connection, not the request.
_OF_THE_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)

Note = Callable[[str, str, int], None]  # (method, target, status) of a request that was answered


class Proxy(BackgroundServer):
    """Forwards what comes to `url` to the upstream until it is closed."""

    def __init__(self, upstream: str, port: int, note: Note) -> None:
        """port: 0 takes any. Raises OSError where the port is taken."""
        members = {"upstream": urlsplit(upstream), "note": staticmethod(note)}
        super().__init__(bind(port), type("Handler", (_Handler,), members))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_SECONDS
    upstream: ClassVar[SplitResult]
    note: ClassVar[Note]

    def forward(self) -> None:
        length = self.headers.get("content-length") or "0"
        if "transfer-encoding" in self.headers or not length.isdecimal() or int(length) > LARGEST_BODY:
            self._answer(411, [], b"a body has a length, and not more than 32 MiB\n", close=True)
            return
        status, headers, body = self._asked(self.rfile.read(int(length)))
        type(self).note(self.command, self.path, status)
        self._answer(status, headers, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = forward  # noqa: N815 - of the base class

    def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        link = http.client.HTTPConnection(
            self.upstream.hostname or HOST, self.upstream.port or 80, timeout=_TIMEOUT_SECONDS
        )
        try:
            link.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self._onward(body):
                link.putheader(name, value)
            link.endheaders(body)
            answer = link.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            text = f"nothing answers at {self.upstream.geturl()}. ERR_NGROK_8012\n"
            return 502, [("Ngrok-Error-Code", "ERR_NGROK_8012"), ("Content-Type", "text/plain")], text.encode()
        finally:
            link.close()

    def _onward(self, body: bytes) -> list[tuple[str, str]]:
        kept = [(n, v) for n, v in self.headers.items() if n.lower() not in _OF_THE_HOP | {"content-length"}]
        length = [("Content-Length", str(len(body)))] if body or self.command == "POST" else []
        return [
            *kept,
            *length,
            ("X-Forwarded-For", self.client_address[0]),
            ("X-Forwarded-Host", self.headers.get("host", "")),
            ("X-Forwarded-Proto", "http"),
        ]

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, *, close: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _OF_THE_HOP | {"content-length"}:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: `/api/requests/http` tells what came."""
