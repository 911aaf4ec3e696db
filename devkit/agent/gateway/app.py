"""The gateway as an ASGI application.

What passes is not what came: the path is compared byte by byte with the few that exist, the body is read to its end,
and a new request is made of the known path, that body and three headers. So no spelling of a path, no second length and
no header can mean something else to OpenMeter than it meant here.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from devkit.adapters.tunnels.reach import GATEWAY_HEADER
from devkit.agent.gateway.rate import Rate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_PATH = "/api/v1/apps/{}/stripe/webhook"
_APP_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_PASSED_IN = (b"content-type", b"stripe-signature", b"user-agent")
_PASSED_OUT = ("content-type",)


@dataclass(frozen=True)
class Bounds:
    """body: bytes of a request; answer: bytes of one; reading, upstream: seconds; waiting: requests at a time.

    a_second, burst: of webhooks that are let in
    """

    body: int = 1 << 20
    answer: int = 1 << 20
    reading: float = 10
    upstream: float = 30
    waiting: int = 32
    a_second: float = 50
    burst: int = 200


class Gateway:
    """Forwards webhooks to one OpenMeter. Close it within the loop that served it."""

    def __init__(
        self,
        upstream: str,
        *,
        name: str = "",
        bounds: Bounds | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """upstream: the URL of OpenMeter; name: what its own answers say it is (no secret); now: seconds."""
        self._bounds = bounds or Bounds()
        self._upstream = upstream.rstrip("/")
        self._name = name
        self._paths: Mapping[bytes, str] = {}
        self._rate = Rate(self._bounds.a_second, self._bounds.burst, now)
        self._under_way = 0
        self._taken: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._client: httpx.AsyncClient | None = None

    def admit(self, apps: Iterable[str]) -> None:
        """Lets webhooks of these apps in, and of no other from now on. Raises ValueError for what is no app's id."""
        ids = tuple(apps)
        if wrong := [id_ for id_ in ids if not _APP_ID.fullmatch(id_)]:
            raise ValueError(f"not the id of an app: {wrong[0]!r}")
        # Replaced as a whole: another thread may be asked for a webhook meanwhile.
        self._paths = {path.encode(): path for path in map(_PATH.format, ids)}

    def taken(self, app: str) -> int:
        """How many webhooks of the app OpenMeter has accepted."""
        return self._taken[_PATH.format(app)]

    def refused(self, app: str) -> int:
        """How many webhooks of the app OpenMeter has refused."""
        return self._refused[_PATH.format(app)]

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the gateway has no {scope['type']}")
        path = None
        if scope["method"] == "POST" and not scope["query_string"]:
            path = self._paths.get(scope["raw_path"])
        refusal = self._refusal(list(scope["headers"])) if path else HTTPStatus.NOT_FOUND
        if path is None or refusal is not None:
            await self._refuse(send, refusal or HTTPStatus.NOT_FOUND)
            return
        self._under_way += 1
        try:
            await self._let_in(path, scope["headers"], receive, send)
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _refusal(self, headers: Headers) -> HTTPStatus | None:
        """Why a webhook goes no further, before any of its body is read."""
        names = [name for name, _ in headers]
        if any(names.count(name) > 1 for name in (*_PASSED_IN, b"content-length", b"host")):
            return HTTPStatus.BAD_REQUEST
        # One length, told in advance: two of them are how a request hides in another.
        if b"transfer-encoding" in names or b"content-length" not in names:
            return HTTPStatus.LENGTH_REQUIRED
        if int(dict(headers)[b"content-length"]) > self._bounds.body:  # digits: the server has seen to that
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if self._under_way >= self._bounds.waiting or not self._rate.take():
            return HTTPStatus.TOO_MANY_REQUESTS
        return None

    async def _let_in(self, path: str, headers: Headers, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._bounds.reading):
                body = await self._read(receive)
        except TimeoutError:
            await self._refuse(send, HTTPStatus.REQUEST_TIMEOUT)
            return
        if body is None:
            await self._refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        passed = {name: value for name, value in headers if name in _PASSED_IN}
        try:
            async with asyncio.timeout(self._bounds.upstream):
                status, out, content = await self._forward(path, passed, body)
        except (httpx.HTTPError, TimeoutError):
            await self._refuse(send, HTTPStatus.BAD_GATEWAY)
        else:
            accepted = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
            (self._taken if accepted else self._refused)[path] += 1
            await _answer(send, status, out, content)

    async def _read(self, receive: Receive) -> bytes | None:
        """None where it is longer than it may be."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise TimeoutError
            body += message.get("body", b"")
            if len(body) > self._bounds.body:
                return None
            if not message.get("more_body"):
                return bytes(body)

    async def _forward(self, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Headers, bytes]:
        client = self._opened()
        async with client.stream("POST", f"{self._upstream}{path}", headers=headers, content=body) as answer:
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > self._bounds.answer:
                    raise httpx.DecodingError("the answer is too long")
            out = [(name.encode(), answer.headers[name].encode()) for name in _PASSED_OUT if name in answer.headers]
            return answer.status_code, out, bytes(content)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=self._bounds.upstream, headers={"accept": "*/*"}
            )
        return self._client

    async def _refuse(self, send: Send, status: HTTPStatus) -> None:
        """The rest of what came on this connection is not looked at."""
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        if self._name:
            headers.append((GATEWAY_HEADER.encode(), self._name.encode()))
        if status is HTTPStatus.TOO_MANY_REQUESTS:
            headers.append((b"retry-after", b"1"))
        await _answer(send, status, headers, f"{status.phrase}\n".encode())


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = [] if status == HTTPStatus.NO_CONTENT else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
