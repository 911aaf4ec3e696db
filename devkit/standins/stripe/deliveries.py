"""Events on their way to the webhook endpoints: signed, tried again, and remembered."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from devkit.core.stripe_signatures import HEADER, sign
from devkit.standins.stripe.account import Object

ATTEMPTS = 3

_FIRST_PAUSE_SECONDS = 0.2
_EXCERPT = 2000


@dataclass(frozen=True)
class Delivery:
    """One attempt. status: None where nothing answered; at: seconds since 1970."""

    event: str
    type: str
    url: str
    attempt: int
    status: int | None
    body: str
    at: float


class Deliveries:
    """Sends events in the background, each up to three times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: list[Delivery] = []
        self._closed = threading.Event()
        self._workers = ThreadPoolExecutor(8, thread_name_prefix="stripe-delivery")
        # The other side may be a tunnel's stand-in with a certificate that nobody vouches for.
        self._client = httpx.Client(timeout=10, verify=_trusting(), trust_env=False)

    def tell(self, url: str, secret: str, event: Object, taken: Callable[[], None]) -> None:
        """taken: called once the endpoint has answered 2xx"""
        # As it is now: the account counts in its own how many endpoints still wait.
        self._workers.submit(self._deliver, url, secret, dict(event), taken)

    def done(self) -> list[dict[str, Any]]:
        """All attempts until now, the oldest first."""
        with self._lock:
            return [asdict(one) for one in self._done]

    def forget(self) -> None:
        with self._lock:
            self._done.clear()

    def close(self) -> None:
        """Waits for attempts under way; what would be tried again is not."""
        self._closed.set()
        self._workers.shutdown(cancel_futures=True)
        self._client.close()

    def _deliver(self, url: str, secret: str, event: Object, taken: Callable[[], None]) -> None:
        body = json.dumps(event, indent=2).encode()
        for attempt in range(1, ATTEMPTS + 1):
            status, text = self._post(url, secret, body)
            with self._lock:
                self._done.append(Delivery(event["id"], event["type"], url, attempt, status, text, time.time()))
            if status is not None and 200 <= status < 300:
                taken()
                return
            if self._closed.wait(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)):
                return

    def _post(self, url: str, secret: str, body: bytes) -> tuple[int | None, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            HEADER: sign(secret, body, int(time.time())),
        }
        try:
            answer = self._client.post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, str(error)
        return answer.status_code, answer.text[:_EXCERPT]


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
