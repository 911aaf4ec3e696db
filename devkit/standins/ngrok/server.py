"""The agent's API on a port, and the stand-in's own routes, `/_standin/…`: state, refuse, move, die."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from devkit.core.ports import bind
from devkit.standins.background_server import BackgroundServer
from devkit.standins.ngrok import modes
from devkit.standins.ngrok.agent import Agent, AgentError, Endpoint

VERSION = "3.30.0"

_LARGEST_BODY = 1 << 20
_FORMS: dict[str, Callable[[Endpoint], dict[str, Any]]] = {
    "endpoints": Endpoint.shown,
    "tunnels": Endpoint.shown_as_tunnel,
}


class Server(BackgroundServer):
    """Serves an agent in the background until it is closed. A context manager.

    ended: set when the agent was asked to die
    """

    def __init__(self, port: int = 0, *, mode: str = "") -> None:
        """port: of the API, 0 takes any; mode: one of modes.MODES. Raises OSError where the port is taken."""
        self.agent = Agent()
        self.agent.refusals = -1 if mode == modes.ONLINE else 0
        self.mode = mode
        self.ended = threading.Event()
        super().__init__(bind(port), type("Handler", (_Handler,), {"owner": self}))

    def close(self) -> None:
        super().close()
        self.agent.close_all()

    def answer(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        """Status and body of a request. Raises AgentError."""
        match path.partition("?")[0].strip("/").split("/"):
            case ["api", kind, *rest] if kind in _FORMS and not (kind == "endpoints" and self.mode == modes.OLD):
                return self._of_endpoints(method, kind, rest, given)
            case ["_standin", control] if method == "POST":
                return 200, self._controlled(control, given)
            case ["_standin", "state"]:
                return 200, {"endpoints": self._shown(), "requests": list(self.agent.requests)}
            case ["api", "status"]:
                return 200, {"status": "online", "agent_version": VERSION}
            case ["api", "requests", "http"]:
                return 200, {"uri": "/api/requests/http", "requests": list(self.agent.requests)}
        raise AgentError(404, 100, "resource not found")

    def _controlled(self, control: str, given: dict[str, Any]) -> dict[str, Any]:
        match control:
            case "refuse":
                self.agent.refusals = int(given.get("times", 1))
            case "move":
                self.agent.move()
            case "die":
                self.ended.set()
            case _:
                raise AgentError(404, 100, "no such control: refuse, move and die are")
        return {"endpoints": self._shown()}

    def _shown(self) -> list[dict[str, Any]]:
        return [endpoint.shown() for endpoint in self.agent.all()]

    def _of_endpoints(self, method: str, kind: str, rest: list[str], given: dict[str, Any]) -> tuple[int, Any]:
        shown = _FORMS[kind]
        match (method, *rest):
            case ("GET",):
                return 200, {kind: [shown(e) for e in self.agent.all()], "uri": f"/api/{kind}"}
            case ("POST",):
                opened = shown(self.agent.open(given))
                if self.mode == modes.DIES:
                    self.ended.set()
                return 201, opened
            case ("GET", name):
                return 200, shown(self.agent.get(name))
            case ("DELETE", name):
                self.agent.close(name)
                return 204, None
        raise AgentError(405, 100, "method not allowed")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    owner: Server

    def respond(self) -> None:
        try:
            status, body = self.owner.answer(self.command, self.path, self._given())
        except AgentError as error:
            status, body = error.status, error.body
        data = b"" if status == 204 else json.dumps(body).encode() + b"\n"
        self.send_response_only(status)
        if data:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = respond  # noqa: N815 - names of the base class

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _given(self) -> dict[str, Any]:
        length = self.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            raise AgentError(400, 101, "the length of the body is missing or too large")
        try:
            given = json.loads(self.rfile.read(int(length)) or b"{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise AgentError(400, 101, "the body is no JSON object")
        return given
