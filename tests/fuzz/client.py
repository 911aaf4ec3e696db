"""The application in this process, asked one request after another on one event loop."""

import asyncio
import json
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer
from tests.fuzz.places import Request


class Client:
    """Sends requests byte for byte; `failures` are the lines that the server wrote into its log meanwhile."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._listener = _Listener()
        self.failures = self._listener.texts

    def __enter__(self) -> Self:
        logging.getLogger("devkit").addHandler(self._listener)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("devkit").removeHandler(self._listener)
        self._loop.close()

    def send(self, request: Request) -> Answer:
        body = request.body
        headers = {"content-type": "application/json"} if body is not None else {}
        return self.ask(request.operation.method, request.target, body, {**headers, **request.headers})

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self._loop.run_until_complete(self._ask(method, target, body or b"", headers or {}))

    def json(self, method: str, target: str, body: Any = None) -> Any:
        """The decoded answer, which must be a good one."""
        raw = None if body is None else json.dumps(body).encode()
        answer = self.ask(method, target, raw, {"content-type": "application/json"} if raw else {})
        assert answer.status < 300, (method, target, answer)
        return answer.json if answer.body else None

    async def _ask(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path, errors="replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        }
        sent: list[Mapping[str, Any]] = []
        messages: list[Mapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Mapping[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)  # type: ignore[arg-type]
        received = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], received, b"".join(message["body"] for message in sent[1:]))


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()} {record.exc_info or ''}")
