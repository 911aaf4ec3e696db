"""The control server: by it the other commands ask the agent. Loopback alone, and with the agent's token."""

import hmac
import json
import logging
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from devkit.core.errors import DevkitError
from devkit.standins.background_server import BackgroundServer

#: Answers a request's JSON object with one. May raise DevkitError.
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_LARGEST_BODY = 64 * 1024
_log = logging.getLogger("devkit.agent")


class ControlServer(BackgroundServer):
    """Serves from the moment that it is made until it is closed. A context manager."""

    def __init__(self, listener: socket.socket, token: str, routes: Mapping[str, Answer]) -> None:
        """routes: by path, for POST. Raises OSError."""
        super().__init__(listener, type("Handler", (_Handler,), {"token": token, "routes": routes}))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    token: ClassVar[str]
    routes: ClassVar[Mapping[str, Answer]]

    def do_POST(self) -> None:
        status, body = self._answered()
        data = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of the base class
        """Says nothing: who may ask is the instance's owner."""

    def _answered(self) -> tuple[HTTPStatus, Mapping[str, Any]]:
        # A page in a browser could send a request here, but no such header with it.
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return HTTPStatus.UNAUTHORIZED, {}
        answer, asked = self.routes.get(self.path), self._asked()
        if answer is None or asked is None:
            return HTTPStatus.NOT_FOUND if answer is None else HTTPStatus.BAD_REQUEST, {}
        try:
            return HTTPStatus.OK, answer(asked)
        except DevkitError as error:
            return HTTPStatus.CONFLICT, as_data(error)
        except Exception:  # noqa: BLE001 - it is in the log; the one who asked can do nothing about it
            _log.exception("the request %s failed", self.path)
            return HTTPStatus.INTERNAL_SERVER_ERROR, {}

    def _asked(self) -> Mapping[str, Any] | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return None
        try:
            asked = json.loads(self.rfile.read(int(length)) or b"{}")
        except (ValueError, RecursionError):
            return None
        return asked if isinstance(asked, dict) else None


def as_data(error: DevkitError) -> Mapping[str, Any]:
    """An error as it goes to the one who asked."""
    return {
        "message": error.message,
        "hint": error.hint,
        "evidence": list(error.evidence),
        "exit_code": error.exit_code,
    }
