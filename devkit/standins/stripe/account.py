"""One Stripe account: its objects, its events and what is told of them."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from devkit.standins.stripe.errors import missing, required

API_VERSION = "2024-09-30.acacia"

Object = dict[str, Any]


class Parcel(msgspec.Struct, frozen=True):
    """An event on its way to one endpoint. url, secret: what the endpoint had then; body: the event as it was."""

    id: str
    account: str
    endpoint: str
    url: str
    secret: str
    event: str
    type: str
    body: str


class Account:
    """The objects of a test-mode account. Whoever uses it holds its lock.

    outbox: what is to be sent to webhook endpoints; who lets the account change takes it away afterwards
    """

    def __init__(self, key: str, *, allow_loopback: bool = True) -> None:
        self.key = key
        self.id = new_id("acct_", 16)
        self.allow_loopback = allow_loopback
        self.lock = threading.RLock()
        self.outbox: list[Parcel] = []
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
        """An event about the object as it is now, in the outbox for every endpoint that wants it.

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
            self.outbox.append(self._parcel(endpoint, event))
        return event

    def taken(self, parcel: Parcel) -> None:
        """One endpoint fewer waits for the event."""
        if event := self.objects.get(parcel.event):
            event["pending_webhooks"] -= 1

    def _parcel(self, endpoint: Object, event: Object) -> Parcel:
        body = json.dumps(event | {"api_version": endpoint["api_version"] or API_VERSION}, indent=2)
        secret = self.secrets[endpoint["id"]]
        return Parcel(
            new_id("dlv_"), self.key, endpoint["id"], endpoint["url"], secret, event["id"], event["type"], body
        )

    def _of(self, kind: str) -> Iterator[Object]:
        return (one for one in self.objects.values() if one["object"] == kind)


def new_id(prefix: str, digits: int = 24) -> str:
    return prefix + secrets.token_hex(digits // 2)


def _wants(endpoint: Object, kind: str) -> bool:
    return endpoint["status"] == "enabled" and bool({"*", kind} & set(endpoint["enabled_events"]))
