"""A proxy that falsifies what passes through it, to see whether checks notice."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from devkit.core.contract import contract


@dataclass(frozen=True)
class Asked:
    """A request. `operation` is None for paths outside of the contract; `path` has no query."""

    operation: str | None
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The decoded JSON, None where there is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def saying(self, document: Any) -> "Said":
        return replace(self, body=json.dumps(document).encode())


Forward = Callable[[Asked], Said]
Lie = Callable[[Asked, Forward], Said]


@contextmanager
def lying_proxy(target: str, lie: Lie) -> Iterator[str]:
    """The URL of a proxy to `target` that answers with what `lie` makes of each exchange."""
    with httpx.Client(base_url=target, timeout=60) as client:

        def forward(asked: Asked) -> Said:
            url = f"{asked.path}?{asked.query}" if asked.query else asked.path
            answer = client.request(asked.method, url, headers=asked.headers, content=asked.body)
            kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
            return Said(answer.status_code, kept, answer.content)

        with _Server(("127.0.0.1", 0), _handler(lambda asked: lie(asked, forward))) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


_HOP = {"content-length", "transfer-encoding", "connection", "date", "server", "host", "content-encoding"}


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True


def _handler(answer: Callable[[Asked], Said]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in _HOP}
            asked = Asked(operation_of(self.command, path), self.command, path, query, headers, self.rfile.read(length))
            try:
                said = answer(asked)
            except ConnectionAbortedError:
                return
            head = [f"HTTP/1.0 {said.status} x", *(f"{name}: {value}" for name, value in said.headers.items())]
            head += [f"Content-Length: {len(said.body)}"] if said.status != 204 else []
            self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + said.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
            """Says nothing."""

    return Handler


def operation_of(method: str, path: str) -> str | None:
    """The id of the operation behind a path; literal segments win over parameters."""
    parts = path.split("/")
    fitting = [
        one
        for one in contract().operations.values()
        if one.method == method
        and len(template := one.path.split("/")) == len(parts)
        and all(left == right or left.startswith("{") for left, right in zip(template, parts, strict=True))
    ]
    best = min(fitting, key=lambda one: one.path.count("{"), default=None)
    return best.id if best else None
