"""Requests straight into an ASGI application, byte for byte as a socket would carry them."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.embedded.http.pipeline import Application


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: Application,
    method: str,
    target: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    chunks: Iterable[bytes] | None = None,
) -> Answer:
    """One request. body: JSON, or bytes as they are; chunks: a body in pieces, without a content length."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = {"content-type": "application/json", **(headers or {})} if raw or chunks else dict(headers or {})
    return asyncio.run(_ask(app, method, target, list(chunks or [raw]), given))


async def _ask(app: Application, method: str, target: str, chunks: list[bytes], headers: Mapping[str, str]) -> Answer:
    path, _, query = target.partition("?")
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks[:-1]]
    messages.append({"type": "http.request", "body": chunks[-1], "more_body": False})
    sent: list[Mapping[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": _decoded(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
    }

    async def receive() -> Mapping[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    start, rest = sent[0], sent[1:]
    answered = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(message["body"] for message in rest))


def _decoded(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
