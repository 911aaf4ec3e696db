"""A server for proxies to forward to: it keeps what comes and answers 202 with the same body."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Seen:
    """headers: names in lower case, as they came"""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Upstream:
    """answer: headers that every answer has, beside its length"""

    port: int = 0
    status: int = 202
    answer: dict[str, str] = field(default_factory=lambda: {"X-Upstream": "yes"})
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Serves until it is left."""
    kept = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = [(name.lower(), value) for name, value in self.headers.items()]
            kept.seen.append(Seen(self.command, self.path, headers, body))
            self.send_response(kept.status)
            for name, value in (kept.answer | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()
