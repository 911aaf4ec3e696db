"""A stand-in for Stripe on a port of its own, and the official SDK as its client."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import stripe

from devkit.core.ports import bind
from devkit.standins.stripe.account import API_VERSION
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn

KEY = "sk_test_devkit"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(StripeStandIn(KEY), bind(0)) as running:
        yield running


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., stripe.StripeClient]]:
    """Makes clients: connect(key, retries)."""
    used: list[stripe.HTTPClient] = []

    def connected(key: str = KEY, retries: int = 0) -> stripe.StripeClient:
        wire = stripe.RequestsClient(timeout=10)
        used.append(wire)
        return stripe.StripeClient(
            key,
            base_addresses={"api": server.url},
            stripe_version=API_VERSION,
            max_network_retries=retries,
            http_client=wire,
        )

    yield connected
    for wire in used:
        wire.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def client(connect: Callable[..., stripe.StripeClient]) -> stripe.StripeClient:
    return connect()


@pytest.fixture
def control(server: Server) -> Callable[..., Any]:
    """Calls a route of the stand-in's own: control("faults", status=500)."""

    def call(route: str, **given: Any) -> Any:
        answer = httpx.post(f"{server.url}/_standin/{route}", json=given)
        answer.raise_for_status()
        return answer.json()

    return call


class Receiver:
    """What came to a webhook endpoint. status: what it answers, one after the other, then 200 for ever."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.statuses: list[int] = []
        self._came = threading.Condition()
        self._deliveries: list[tuple[bytes, str]] = []

    def take(self, body: bytes, signature: str) -> int:
        with self._came:
            self._deliveries.append((body, signature))
            self._came.notify_all()
            return self.statuses.pop(0) if self.statuses else 200

    def wait_for(self, number: int) -> list[tuple[bytes, str]]:
        """The deliveries once there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self._deliveries) >= number, 20), self._deliveries
            return list(self._deliveries)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(found.take(body, self.headers["stripe-signature"]))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{listening.server_address[1]}/hook")
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    yield found
    listening.shutdown()
    thread.join()
    listening.server_close()
