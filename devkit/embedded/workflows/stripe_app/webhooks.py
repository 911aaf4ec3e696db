"""What the events that Stripe sends bring about. They come late, twice and in any order."""

import time
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.stripe_app import setup_intents, webhooks
from devkit.embedded.domain.stripe_app.invoice_events import ACKNOWLEDGED
from devkit.embedded.domain.stripe_app.webhooks import acknowledged
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import secrets_of
from devkit.embedded.workflows.stripe_app.linking import set_way_to_pay

Event = Mapping[str, Any]


def check_delivery(store: Store, app: App, raw: bytes, signature: str, event: Event) -> None:
    """Raises Invalid unless Stripe signed the body and the event is one that can be read."""
    webhooks.check_signature(raw, signature, secrets_of(store, app["id"])["webhookSecret"], time.time())
    webhooks.check_event(event)


def receive(store: Store, app: App, event: Event, namespace: str) -> dict[str, str]:
    """Does what the event asks for and returns the reply. Raises Refusal. Call it outside of a transaction."""
    kind = event["type"]
    if kind == "setup_intent.succeeded":
        return _setup_intent_succeeded(store, app, event, namespace)
    if kind not in ACKNOWLEDGED:
        raise webhooks.unsupported(event)
    return acknowledged(app["id"], namespace)


def _setup_intent_succeeded(store: Store, app: App, event: Event, namespace: str) -> dict[str, str]:
    if reason := setup_intents.ignored_because(event["data"]["object"], app["id"]):
        return acknowledged("", "", message=reason)
    way = setup_intents.way_to_pay(event, app["id"], namespace)
    customer_id = set_way_to_pay(store, app, way, namespace)
    return acknowledged(app["id"], namespace, customerId=customer_id, message="customer default payment method set")
