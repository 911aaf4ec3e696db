"""Events on their way to the webhook endpoints: signed, tried again, and remembered."""

import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from devkit.core.stripe_signatures import HEADER, sign
from devkit.standins.stripe.account import Parcel

ATTEMPTS = 3
# What was left over when a process ended is sent with more patience: who is to have it may only be starting, too.
ATTEMPTS_AFTER_START = 20

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
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

    def __init__(self, address: Callable[[Parcel], str | None], over: Callable[[Parcel, bool], None]) -> None:
        """address: where the endpoint of a parcel is now, None where nothing is to be sent there any more.

        over: called with each parcel that will not be sent again, and whether its endpoint answered 2xx
        """
        self._address = address
        self._over = over
        self._lock = threading.Lock()
        self._done: list[Delivery] = []
        self._closed = threading.Event()
        self._workers = ThreadPoolExecutor(8, thread_name_prefix="stripe-delivery")
        # On their own: with all their patience they must not keep what happens now from being told.
        self._patient_workers = ThreadPoolExecutor(4, thread_name_prefix="stripe-left-over")
        # The other side may be a tunnel's stand-in with a certificate that nobody vouches for.
        self._client = httpx.Client(timeout=10, verify=_trusting(), trust_env=False)

    def send(self, parcel: Parcel) -> None:
        self._workers.submit(self._deliver, parcel, ATTEMPTS, parcel.url)

    def send_left_over(self, parcel: Parcel) -> None:
        """What an earlier process did not deliver, to where its endpoint is by now."""
        self._patient_workers.submit(self._deliver, parcel, ATTEMPTS_AFTER_START, self._address(parcel))

    def done(self) -> list[dict[str, Any]]:
        """All attempts until now, the oldest first."""
        with self._lock:
            return [asdict(one) for one in self._done]

    def forget(self) -> None:
        with self._lock:
            self._done.clear()

    def close(self) -> None:
        """Waits for attempts under way; what would be tried again is not, and is not over."""
        self._closed.set()
        for workers in (self._workers, self._patient_workers):
            workers.shutdown(cancel_futures=True)
        self._client.close()

    def _deliver(self, parcel: Parcel, attempts: int, url: str | None) -> None:
        pause = _FIRST_PAUSE_SECONDS
        for attempt in range(1, attempts + 1):
            if url is None:
                break
            status, text = self._post(url, parcel.secret, parcel.body.encode())
            with self._lock:
                self._done.append(Delivery(parcel.event, parcel.type, url, attempt, status, text, time.time()))
            if status is not None and 200 <= status < 300:
                self._over(parcel, True)
                return
            if self._closed.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            url = self._address(parcel)  # a tunnel may have got a new one meanwhile
        self._over(parcel, False)

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
