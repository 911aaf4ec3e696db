"""What the events that Stripe sends bring about. They come late, twice and in any order: none is taken at its word.

A setup intent that succeeded gives a customer a way to pay. An event about an invoice says no more than that Stripe
should be asked: the invoice moves by what Stripe answers, and only where it has not been there.
"""

import time
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.stripe_app import invoice_events, setup_intents, webhooks
from devkit.embedded.domain.stripe_app.invoice_events import ACKNOWLEDGED, EVENTS, SENT, InvoiceEvent
from devkit.embedded.domain.stripe_app.webhooks import acknowledged
from devkit.embedded.store.invoices import find_invoice, invoice_with_external_id, put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import secrets_of
from devkit.embedded.workflows.invoicing.operations import trigger_invoice
from devkit.embedded.workflows.stripe_app.connection import answering
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
    if kind == SENT:
        _sent(store, app, event)
    elif kind in EVENTS:
        _move(store, app, event, EVENTS[kind], namespace)
    elif kind not in ACKNOWLEDGED:
        raise webhooks.unsupported(event)
    return acknowledged(app["id"], namespace)


def _setup_intent_succeeded(store: Store, app: App, event: Event, namespace: str) -> dict[str, str]:
    if reason := setup_intents.ignored_because(event["data"]["object"], app["id"]):
        return acknowledged("", "", message=reason)
    way = setup_intents.way_to_pay(event, app["id"], namespace)
    customer_id = set_way_to_pay(store, app, way, namespace)
    return acknowledged(app["id"], namespace, customerId=customer_id, message="customer default payment method set")


def _sent(store: Store, app: App, event: Event) -> None:
    """The invoice was mailed, whatever else is true of it."""
    with store.records.transaction():
        invoice = _invoice(store, app, event)
        if invoice is not None:
            put_invoice(store, {**invoice, "sentToCustomerAt": invoice_events.sent_at(event)})


def _move(store: Store, app: App, event: Event, rule: InvoiceEvent, namespace: str) -> None:
    invoice = _invoice(store, app, event)
    if invoice is None or invoice_events.comes_too_late(rule, invoice):
        return
    with answering(store, app, namespace) as api:
        at_stripe = api.invoice(invoice["externalIds"]["invoicing"])
    triggered = invoice_events.triggered(rule, at_stripe)
    if triggered is None:
        return
    with store.records.transaction():
        now = find_invoice(store, invoice["id"])  # it may have moved while Stripe was asked
        if now is not None and not invoice_events.comes_too_late(rule, now):
            trigger_invoice(store, now["id"], triggered, app_type=app["type"])


def _invoice(store: Store, app: App, event: Event) -> Invoice | None:
    """The invoice here that the event is about; None: Stripe has invoices of its own. Raises Refusal."""
    invoice = invoice_with_external_id(store, invoice_events.invoice_id(event))
    if invoice is not None and invoice["apps"]["invoicing"]["id"] != app["id"]:
        raise InternalFailure(f"the invoice {invoice['id']} is not managed by the app {app['id']}")
    return invoice
