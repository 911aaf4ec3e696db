"""The short way of `POST /api/v1/events`: uvicorn's HTTP protocol, which answers ordinary events without the pipeline.

It answers only what is plain: this one request line, a known content type, a length, a small body of ordinary events.
Everything else, and everything that could be refused, takes uvicorn's usual way into the pipeline, as if this class
were not here. Needs httptools; where that is missing (Windows), uvicorn's own protocol serves alone.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from devkit.embedded.domain.cloudevents import BATCH, EITHER, SINGLE
from devkit.embedded.domain.errors import Unavailable
from devkit.embedded.domain.plain_events import plain_events
from devkit.embedded.http.pipeline import POWERED_BY
from devkit.embedded.store.store import Store

_URL = b"/api/v1/events"
_CONTENT_TYPES = {name.encode(): name for name in (SINGLE, BATCH, EITHER)}
_UNUSUAL = frozenset((b"transfer-encoding", b"expect", b"upgrade", b"content-encoding"))
_LONGEST = 4 << 20
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n"

Headers = list[tuple[bytes, bytes]]


class IngestProtocol(HttpToolsProtocol):
    """One connection. `store` and `max_body_bytes` are set by `ingest_protocol`."""

    store: Store
    max_body_bytes: int

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._content_type = ""
        self._held: list[bytes] | None = None  # the body so far of a request that may be plain

    def on_headers_complete(self) -> None:
        if self._is_plain():
            self._held = []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        if self._held is None or not self._ingest(b"".join(self._held)):
            self._let_go()
            super().on_message_complete()

    def shutdown(self) -> None:
        self._let_go()
        super().shutdown()

    def _let_go(self) -> None:
        """Hands a request that is held back to the usual way."""
        if self._held is not None:
            held, self._held = self._held, None
            super().on_headers_complete()
            for body in held:
                super().on_body(body)

    def _is_plain(self) -> bool:
        if self.url != _URL or self.parser.get_method() != b"POST" or self.config.access_log:
            return False
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy or self.transport.is_closing() or self.limit_concurrency is not None:
            return False
        if self.parser.get_http_version() != "1.1" or self.parser.should_upgrade():
            return False
        return self._has_plain_headers() and self.store.events.quick

    def _has_plain_headers(self) -> bool:
        found = dict(self.headers)
        length, content_type = found.get(b"content-length", b""), found.get(b"content-type", b"")
        if len(found) < len(self.headers) or not _UNUSUAL.isdisjoint(found) or not length.isdigit():
            return False
        self._content_type = _CONTENT_TYPES.get(content_type, "")
        return self._content_type != "" and 0 < int(length) <= min(_LONGEST, self.max_body_bytes)

    def _ingest(self, body: bytes) -> bool:
        """Whether the events were taken and answered."""
        events = plain_events(self._content_type, body, int(self.store.now().timestamp()))
        if events is None:
            return False
        try:
            self.store.events.append(events, wait=False)
        except Unavailable:
            return False
        self._held = None
        self.transport.write(_answer(self.server_state.default_headers))
        if not self.parser.should_keep_alive():
            self.transport.close()
        self.on_response_complete()
        return True


def ingest_protocol(store: Store, max_body_bytes: int) -> type[IngestProtocol]:
    """The protocol class for a server over this store: `uvicorn.Config(http=…)`."""
    return type("IngestProtocol", (IngestProtocol,), {"store": store, "max_body_bytes": max_body_bytes})


def _answer(default_headers: Headers) -> bytes:
    lines = b"".join(b"%b: %b\r\n" % header for header in (*default_headers, POWERED_BY))
    return _NO_CONTENT + lines + b"\r\n"
