"""The ASGI application: routing, reading of bodies within a limit, and the way of replies to the wire."""

import asyncio
import itertools
import logging
import platform
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from devkit.core.contract import Contract
from devkit.embedded.http import portal_cors, queries
from devkit.embedded.http.calls import Reply, ServerSettings
from devkit.embedded.http.encoding import body_bytes
from devkit.embedded.http.own_routes import OwnRoutes
from devkit.embedded.http.problems import problem
from devkit.embedded.http.responder import Compiled, Incoming, Responder
from devkit.embedded.http.routing import Route, Router
from devkit.embedded.store.store import Store

logger = logging.getLogger(__name__)

POWERED_BY = (b"x-powered-by", b"OpenMeter by Kong, Inc.")
#: Handlers mostly wait for the one lock of the document store; queries of usage run beside one another.
_WORKERS = 8
_HOST = platform.node() or "devkit"


class TooLong(Exception):  # noqa: N818 - answered with 413
    """The body is longer than the server takes."""


class Application:
    """OpenMeter's API over one store. Every request gets an answer; nothing of a failure reaches the wire."""

    def __init__(
        self, contract: Contract, routes: Mapping[str, Route], store: Store, settings: ServerSettings, own: OwnRoutes
    ) -> None:
        self.store = store
        self.settings = settings
        self._own = own
        self._router: Router[Responder] = Router()
        compiled = Compiled.of(contract)
        for operation in contract.operations.values():
            responder = Responder(compiled, operation, routes.get(operation.id))
            self._router.add(operation.method, operation.path, responder)
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="openmeter")
        self._numbers = itertools.count(1)
        self._prefix = f"{_HOST}/{secrets.token_urlsafe(8)[:10]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = headers.get("x-request-id") or f"{self._prefix}-{next(self._numbers):06d}"
        extra: dict[str, str] = {}
        try:
            if self.settings.portal_cors_enabled and portal_cors.applies(scope["path"]):
                extra = portal_cors.response_headers(scope["method"], headers)
            reply = await self._answer(scope, receive, headers, request_id)
        except ClientDisconnect:
            return
        except Exception:
            logger.exception("%s %s failed (request %s)", scope["method"], scope["path"], request_id)
            reply = problem(500, None, request_id)
        await _send(send, reply, extra)

    async def _answer(self, scope: Scope, receive: Receive, headers: Mapping[str, str], request_id: str) -> Reply:
        method: str = scope["method"]
        if self.settings.portal_cors_enabled and portal_cors.applies(scope["path"]):
            preflight = portal_cors.preflight(method, headers)
            if preflight is not None:
                return preflight
        own = self._own.find(method, scope["path"])
        if own is not None:
            return own()
        try:
            found = self._router.find(method, queries.routed_path(_raw_path(scope)))
        except (LookupError, queries.EscapeError):
            return problem(404, None, request_id)
        if found is None:
            return problem(405, None, request_id)
        responder, path = found
        try:
            body = await _body(receive, headers, self.settings.max_body_bytes) if responder.has_body else b""
        except TooLong:
            return _too_long(self.settings.max_body_bytes, request_id)
        incoming = Incoming(path, scope["query_string"], headers, body, request_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, responder.respond, incoming, self.store, self.settings)


def _raw_path(scope: Scope) -> bytes:
    raw: bytes | None = scope.get("raw_path")
    return raw.partition(b"?")[0] if raw is not None else scope["path"].encode()


async def _body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """The body, of which never more than the limit is held. Raises TooLong or ClientDisconnect."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLong
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLong
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_long(limit: int, request_id: str) -> Reply:
    refused = problem(413, f"request entity too large error: the body is longer than {limit} bytes", request_id)
    return Reply(refused.status, refused.body, refused.media_type, {"Connection": "close"})


async def _send(send: Send, reply: Reply, extra: Mapping[str, str]) -> None:
    body = body_bytes(reply)
    headers = [POWERED_BY]
    if reply.media_type and reply.status != 204:
        headers.append((b"content-type", reply.media_type.encode("latin-1")))
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in {**reply.headers, **extra}.items()]
    if reply.status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
