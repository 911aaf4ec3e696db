"""Sending: every batch arrives, failures are tried again, what cannot be mended is told."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import InterruptedByUser, UnreachableError
from devkit.streams.generator import Batch
from devkit.streams.sender import Pace, send
from tests.servers import free_port


class Receiver:
    """A server that answers with these statuses in turn, then 204, and keeps the ids it acknowledged."""

    def __init__(self, statuses: Sequence[int]) -> None:
        self.statuses = list(statuses)
        self.ids: list[str] = []
        self.requests = 0
        self.lock = threading.Lock()

    def answer(self, body: bytes) -> int:
        with self.lock:
            self.requests += 1
            status = self.statuses.pop(0) if self.statuses else 204
            if status == 204:
                self.ids += [event["id"] for event in json.loads(body)]
            return status


@contextmanager
def serving(receiver: Receiver) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.path == "/api/v1/events"
            assert self.headers["Content-Type"] == "application/cloudevents-batch+json"
            status = receiver.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def batches(count: int, size: int = 10) -> list[Batch]:
    ids = [[f"e{number}" for number in range(start, start + size)] for start in range(0, count * size, size)]
    return [Batch(json.dumps([{"id": name} for name in group]).encode(), size) for group in ids]


def no_sleep(_seconds: float) -> None:
    pass


def test_every_event_is_acknowledged_once_and_progress_grows() -> None:
    receiver = Receiver([])
    told: list[int] = []
    with serving(receiver) as url, OpenMeter(url) as client:
        assert send(client, batches(25), Pace(), told.append) == 250
    assert sorted(receiver.ids) == sorted(f"e{number}" for number in range(250))
    assert told == sorted(told)
    assert told[-1] == 250


def test_passing_failures_are_tried_again_after_growing_pauses() -> None:
    receiver = Receiver([503, 500, 429])
    pauses: list[float] = []
    with serving(receiver) as url, OpenMeter(url) as client:
        pace = Pace(connections=1, pauses=(0.1, 0.2, 0.3, 0.4))
        assert send(client, batches(1), pace, lambda _: None, sleep=pauses.append) == 10
    assert pauses == [0.1, 0.2, 0.3]
    assert len(receiver.ids) == 10


def test_a_refusal_is_not_tried_again_and_says_how_far_it_got() -> None:
    receiver = Receiver([204, 400])
    with serving(receiver) as url, OpenMeter(url) as client, pytest.raises(ApiError) as caught:
        send(client, batches(2), Pace(connections=1), lambda _: None, sleep=no_sleep)
    assert receiver.requests == 2
    assert "run the same command again" in str(caught.value.hint)


def test_a_failure_that_stays_ends_the_sending() -> None:
    receiver = Receiver([503] * 100)
    with serving(receiver) as url, OpenMeter(url) as client, pytest.raises(ApiError, match="503"):
        send(client, batches(1), Pace(pauses=(1, 2)), lambda _: None, sleep=no_sleep)
    assert receiver.requests == 3


def test_nobody_there_is_unreachable() -> None:
    with OpenMeter(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(UnreachableError):
        send(client, batches(1), Pace(pauses=(1,)), lambda _: None, sleep=no_sleep)


def test_an_interruption_says_how_far_it_got_and_that_a_repeat_is_safe() -> None:
    def interrupted() -> Iterator[Batch]:
        yield from batches(20)
        raise KeyboardInterrupt

    with serving(Receiver([])) as url, OpenMeter(url) as client, pytest.raises(InterruptedByUser) as caught:
        send(client, interrupted(), Pace(connections=2), lambda _: None)
    assert "events were acknowledged" in caught.value.message
    assert "count once" in str(caught.value.hint)


def test_a_rate_is_kept_by_waiting_before_each_batch() -> None:
    waits: list[float] = []
    with serving(Receiver([])) as url, OpenMeter(url) as client:
        send(client, batches(4), Pace(rate=0.1, connections=1), lambda _: None, sleep=waits.append)
    assert len(waits) == 4
    assert waits[0] == 0
    assert 200 < waits[3] <= 300
