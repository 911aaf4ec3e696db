"""Receiving webhooks: a receiver on loopback checks who signed what comes, shows it, and keeps a journal of it."""

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.webhook_receiver import Arrived, WebhookReceiver
from devkit.core.errors import DevkitError, UsageError
from devkit.core.webhook_signatures import SignatureState, is_secret, message_id, signature_state

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Delivery:
    """One webhook that came. type, event: of the payload where it is one of OpenMeter's, otherwise empty"""

    received_at: str
    path: str
    message_id: str
    signature: SignatureState
    answer: int
    type: str
    event: str
    payload: Any


@dataclass(frozen=True)
class Wish:
    """What is to be received.

    secrets: known ones, beside those of the server's channels that lead here
    answer:  the status of every answer
    count:   after so many deliveries it ends; None: by a signal alone
    within:  seconds in which they have to come; None: any time
    journal: the file to which every delivery is appended as a line of JSON
    """

    secrets: Sequence[str] = ()
    answer: int = 204
    count: int | None = None
    within: float | None = None
    journal: Path | None = None

    def check(self) -> None:
        """Raises UsageError."""
        if not all(is_secret(secret) for secret in self.secrets):
            raise UsageError("that is no signing secret", hint="a channel shows its own: whsec_ and base64")
        if not 200 <= self.answer <= 599:
            raise UsageError(f"{self.answer} is no status of an answer", hint="from 200 to 599")


@dataclass
class Received:
    """What came so far."""

    deliveries: list[Delivery] = field(default_factory=list)

    def check(self, wish: Wish) -> None:
        """Raises DevkitError where something was not signed as it should be, or where too little came."""
        bad = (SignatureState.invalid, SignatureState.expired)
        wrong = [delivery for delivery in self.deliveries if delivery.signature in bad]
        if wish.count is not None and len(self.deliveries) < wish.count:
            raise DevkitError(
                f"{len(self.deliveries)} of {wish.count} deliveries came",
                hint="devkit ops getNotificationEvent shows how to see the state of a delivery",
            )
        if wish.count is not None and wrong:
            raise DevkitError(f"{len(wrong)} of {len(self.deliveries)} deliveries have a signature that does not hold")


def receive(
    listener: socket.socket,
    wish: Wish,
    client: OpenMeter | None,
    *,
    ready: Callable[[str], None],
    show: Callable[[Delivery], None],
) -> Received:
    """Receives until enough came, or until SIGINT or SIGTERM. Raises DevkitError.

    client: of the server whose channels' secrets count; None: only those of the wish do
    ready:  gets the URL once deliveries may come
    show:   gets every delivery, one at a time
    """
    wish.check()
    host, port = listener.getsockname()[:2]
    received, over, lock = Received(), threading.Event(), threading.Lock()

    def take(arrived: Arrived) -> None:
        with lock:
            secrets = [*wish.secrets, *_channel_secrets(client, port, arrived.path)]
            delivery = _delivery(arrived, secrets, wish.answer)
            received.deliveries.append(delivery)
            _keep(delivery, wish.journal)
            show(delivery)
            if wish.count is not None and len(received.deliveries) >= wish.count:
                over.set()

    with _serving(WebhookReceiver(listener, wish.answer, take)), _ended_by_signals(over):
        ready(f"http://{host}:{port}")
        over.wait(wish.within)
    received.check(wish)
    return received


def _delivery(arrived: Arrived, secrets: Sequence[str], answer: int) -> Delivery:
    payload = _payload(arrived.body)
    told = payload if isinstance(payload, Mapping) else {}
    return Delivery(
        received_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        path=arrived.path,
        message_id=message_id(arrived.headers),
        signature=signature_state(arrived.headers, arrived.body, secrets, time.time()),
        answer=answer,
        type=str(told.get("type", "")),
        event=str(told.get("id", "")),
        payload=payload,
    )


def _payload(body: bytes) -> Any:
    """The decoded JSON, or the text where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _channel_secrets(client: OpenMeter | None, port: int, path: str) -> list[str]:
    """The secrets of the channels that lead here; none where the server does not say."""
    if client is None:
        return []
    try:
        listed = client.call("listNotificationChannels", query={"includeDisabled": "true", "pageSize": 1000})
    except DevkitError:
        return []
    return [channel["signingSecret"] for channel in listed["items"] if _leads_here(channel["url"], port, path)]


def _leads_here(url: str, port: int, path: str) -> bool:
    try:
        parts = urlsplit(url)
        is_here = parts.hostname in _LOOPBACK and parts.port == port
    except ValueError:
        return False
    return is_here and path == (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _keep(delivery: Delivery, journal: Path | None) -> None:
    if journal is None:
        return
    try:
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(delivery)) + "\n")
    except OSError:
        return  # what came is shown all the same, and its sender gets its answer


@contextmanager
def _serving(receiver: WebhookReceiver) -> Iterator[None]:
    thread = threading.Thread(target=receiver.serve, name="webhook-receiver", daemon=True)
    thread.start()
    try:
        yield
    finally:
        receiver.end()
        thread.join()


@contextmanager
def _ended_by_signals(over: threading.Event) -> Iterator[None]:
    """Both signals are the regular end. Without a main thread there are none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {ending: signal.signal(ending, lambda *_: over.set()) for ending in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
