"""One Stripe account: its objects, its events and what is told of them."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from devkit.standins.stripe.errors import missing, required

API_VERSION = "2024-09-30.acacia"

Object = dict[str, Any]
Tell = Callable[[str, str, Object, Callable[[], None]], None]


class Account:
    """The objects of a test-mode account. Whoever uses it holds its lock.

    tell: called for each endpoint that wants an event, with URL, secret, the event, and what to call once it took it
    """

    def __init__(self, key: str, tell: Tell, *, allow_loopback: bool = True) -> None:
        self.key = key
        self.id = new_id("acct_", 16)
        self.allow_loopback = allow_loopback
        self.lock = threading.RLock()
        self._tell = tell
        self.reset()

    def reset(self) -> None:
        """Forgets everything but the key."""
        self.objects: dict[str, Object] = {}
        self.secrets: dict[str, str] = {}
        self.delivers = True
        self.invoice_numbers = 0

    def new(self, prefix: str, kind: str, **members: Any) -> Object:
        made = {"id": new_id(prefix), "object": kind, "created": int(time.time()), "livemode": False, "metadata": {}}
        return self.keep(made | members)

    def keep(self, thing: Object) -> Object:
        self.objects[thing["id"]] = thing
        return thing

    def remove(self, thing: Object) -> Object:
        """Stripe's answer to a deletion."""
        del self.objects[thing["id"]]
        return {"id": thing["id"], "object": thing["object"], "deleted": True}

    def get(self, kind: str, id_: str | None) -> Object:
        """Raises StripeError where there is none of this kind. id_: None where the parameter of it is missing."""
        if id_ is None:
            raise required(kind)
        found = self.objects.get(id_)
        if found is None or found["object"] != kind:
            raise missing(kind, id_)
        return found

    def all(self, kind: str) -> list[Object]:
        """The newest first."""
        return list(self._of(kind))[::-1]

    def emit(self, kind: str, thing: Object, previous: Object | None = None) -> Object:
        """An event about the object as it is now, told to every endpoint that wants it.

        previous: what its changed members were before
        """
        data: Object = {"object": dict(thing)} | ({"previous_attributes": previous} if previous is not None else {})
        wanting = [one for one in self.all("webhook_endpoint") if _wants(one, kind)]
        request = {"id": new_id("req_", 14), "idempotency_key": None}
        event = self.new(
            "evt_",
            "event",
            api_version=API_VERSION,
            data=data,
            pending_webhooks=len(wanting),
            request=request,
            type=kind,
        )
        del event["metadata"]
        for endpoint in wanting if self.delivers else ():
            told = event | {"api_version": endpoint["api_version"] or API_VERSION}
            self._tell(endpoint["url"], self.secrets[endpoint["id"]], told, lambda: self._taken(event))
        return event

    def _taken(self, event: Object) -> None:
        """One endpoint fewer waits for the event."""
        with self.lock:
            event["pending_webhooks"] -= 1

    def _of(self, kind: str) -> Iterator[Object]:
        return (one for one in self.objects.values() if one["object"] == kind)


def new_id(prefix: str, digits: int = 24) -> str:
    return prefix + secrets.token_hex(digits // 2)


def _wants(endpoint: Object, kind: str) -> bool:
    return endpoint["status"] == "enabled" and bool({"*", kind} & set(endpoint["enabled_events"]))
