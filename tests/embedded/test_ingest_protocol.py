"""The short way of ingest on a real socket: nothing but its speed may tell it from the pipeline."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from devkit.embedded.app import build_app
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.ingest_protocol import IngestProtocol, ingest_protocol
from devkit.embedded.server import configuration
from devkit.embedded.store.store import Store

EVENT = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "u", "data": {"n": 1}}
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


@dataclass
class Running:
    store: Store
    port: int
    quick: list[bool] = field(default_factory=list)  # per request that was tried: whether the short way answered

    def send(self, *parts: bytes) -> bytes:
        """All that the server answers until it closes; the last request asks it to."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            for part in parts:
                connection.sendall(part)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def ids(self) -> list[str]:
        with self.store.events.reading() as cursor:
            return [row[0] for row in cursor.execute("SELECT id FROM events ORDER BY seq").fetchall()]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    store = Store(tmp_path / "data")
    app = build_app(store, ServerSettings(max_body_bytes=100_000))
    state = Running(store, 0)

    class Watched(ingest_protocol(store, 100_000)):  # type: ignore[misc]
        def _ingest(self, body: bytes) -> bool:
            state.quick.append(super()._ingest(body))
            return state.quick[-1]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        state.port = listener.getsockname()[1]
        server = uvicorn.Server(configuration(app, Watched))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield state
        server.should_exit = True
        thread.join()
    store.close()


def event(id_: str) -> bytes:
    return json.dumps({**EVENT, "id": id_}).encode()


def post(body: bytes, content_type: str = SINGLE, *headers: str, target: str = "/api/v1/events") -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Host: h", f"Content-Type: {content_type}", *headers]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


CLOSE = "Connection: close"


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def test_an_ordinary_event_takes_the_short_way_and_looks_like_the_long_one(running: Running) -> None:
    short = running.send(post(event("1"), SINGLE, CLOSE))
    long = running.send(post(event("2"), SINGLE, "Expect: 100-continue", CLOSE))
    assert running.quick == [True]
    assert running.ids() == ["1", "2"]
    long = long.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
    assert sorted(lines(short)) == sorted(lines(long))


def lines(answer: bytes) -> list[bytes]:
    """The head of an answer without what differs from second to second."""
    head = answer.lower().split(b"\r\n")
    return [line for line in head if not line.startswith((b"date:", b"connection:"))]


def test_a_connection_is_kept_and_requests_may_come_together(running: Running) -> None:
    requests = [post(event(str(n))) for n in range(5)]
    listing = b"GET /api/v1/events?limit=1 HTTP/1.1\r\nHost: h\r\n\r\n"
    answer = running.send(b"".join(requests) + listing + post(event("5")) + listing + post(event("6"), SINGLE, CLOSE))
    assert statuses(answer) == [204] * 5 + [200, 204, 200, 204]
    assert running.ids() == ["0", "1", "2", "3", "4", "5", "6"]


def test_a_request_may_come_in_small_pieces(running: Running) -> None:
    request = post(b"[" + b",".join(event(str(n)) for n in range(20)) + b"]", BATCH, CLOSE)
    assert statuses(running.send(*(request[n : n + 50] for n in range(0, len(request), 50)))) == [204]
    assert len(running.ids()) == 20
    assert running.quick == [True]


def test_chunked_bodies_take_the_long_way(running: Running) -> None:
    body = event("1")
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert statuses(running.send(post(chunked, SINGLE, "Transfer-Encoding: chunked", CLOSE))) == [204]
    assert running.quick == []
    assert running.ids() == ["1"]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        (b"{", SINGLE, 400, "unexpected EOF"),
        (b'{"specversion":"1.0"}', SINGLE, 400, 'property \\"id\\" is missing'),
        (b"[" + event("1") + b',{"specversion":"2.0"}]', BATCH, 400, "is missing"),
        (event("1"), "text/plain", 400, "unexpected value"),
        (event("1"), "application/json; charset=utf-8", 400, "invalid content type"),
        (b"", SINGLE, 400, "value is required but missing"),
        (b"[]", "application/json", 400, "no events found"),
        (event("\xff").replace(b"\\u00ff", b"\xff"), SINGLE, 204, ""),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, SINGLE, 400, ""),
        (event("1")[:-1] + b',"data":' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}", SINGLE, 400, ""),
    ],
)
def test_what_is_not_plain_is_answered_by_the_pipeline(
    running: Running, body: bytes, content_type: str, status: int, words: str
) -> None:
    answer = running.send(post(body, content_type, CLOSE))
    assert statuses(answer)[:1] == [status]
    assert words in answer.decode()
    assert True not in running.quick
    assert len(running.ids()) == (status == 204)


def test_a_body_over_the_limit_is_refused_by_its_length(running: Running) -> None:
    answer = running.send(post(b"", SINGLE, "Content-Length: 200000", CLOSE))
    assert statuses(answer) == [413]
    assert b"longer than 100000 bytes" in answer
    assert running.quick == []


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("PUT /api/v1/events HTTP/1.1", 405),
        ("HEAD /api/v1/events HTTP/1.1", 405),
        ("POST /api/v1/events/ HTTP/1.1", 404),
        ("POST /api/v1/events?x=1 HTTP/1.1", 204),
    ],
)
def test_other_request_lines_take_the_long_way(running: Running, request_line: str, status: int) -> None:
    request = post(event("1"), SINGLE, CLOSE).replace(b"POST /api/v1/events HTTP/1.1", request_line.encode())
    assert statuses(running.send(request)) == [status]
    assert running.quick == []


def test_a_client_that_leaves_half_way_leaves_nothing_behind(running: Running) -> None:
    request = post(event("1"), SINGLE)
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(request[:-5])
    assert statuses(running.send(post(event("2"), SINGLE, CLOSE))) == [204]
    assert running.ids() == ["2"]


def test_without_room_the_pipeline_is_asked(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(running.store.events), "quick", property(lambda _: False))
    assert statuses(running.send(post(event("1"), SINGLE, CLOSE))) == [204]
    assert running.quick == []
    assert running.ids() == ["1"]


def test_the_server_runs_with_it(running: Running) -> None:
    protocol = configuration(build_app(running.store)).http
    assert isinstance(protocol, type)
    assert issubclass(protocol, IngestProtocol)
