"""App: Stripe: its API key, checkout sessions, and the webhook that Stripe calls.

Nothing here runs in one transaction: all of it waits for Stripe, and what Stripe did stays done.
"""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import customers as customer_rules
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, NotFound, TooLarge
from devkit.embedded.domain.stripe_app import sessions as session_rules
from devkit.embedded.domain.stripe_app.webhooks import MAX_BODY_BYTES
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import customer_with_key, find_customer
from devkit.embedded.workflows.customer_creation import check_new, new_customer, write_customer
from devkit.embedded.workflows.stripe_app.app_choice import payment_app_id
from devkit.embedded.workflows.stripe_app.connection import stripe_app
from devkit.embedded.workflows.stripe_app.installing import replace_key
from devkit.embedded.workflows.stripe_app.linking import keep_data
from devkit.embedded.workflows.stripe_app.sessions import open_checkout
from devkit.embedded.workflows.stripe_webhooks import check_delivery, receive


def update_api_key(call: Call) -> Reply:
    app = stripe_app(call.store, call.path["id"], call.settings.namespace)
    replace_key(call.store, app, call.body["secretAPIKey"], call.settings.namespace)
    return Reply(204)


def create_checkout_session(call: Call) -> Reply:
    """A customer that is to be made, and what Stripe it is, are stored once Stripe has made the session."""
    namespace, body = call.settings.namespace, call.body
    named = _named_customer(call)
    app_id = body.get("appId") or payment_app_id(call.store, named)
    session_rules.check_request(body)
    app = stripe_app(call.store, app_id, namespace)
    customer = named or new_customer(call.store, body["customer"], namespace)
    customer_rules.check_live(customer, namespace)
    reply, data = open_checkout(call.store, app, customer, body, namespace)
    with call.store.records.transaction():
        if named is None:
            check_new(call.store, customer, body["customer"], namespace)
            write_customer(call.store, customer, namespace)
        if data is not None:
            keep_data(call.store, app, customer["id"], data, namespace)
    return Reply(201, reply)


def receive_webhook(call: Call) -> Reply:
    if len(call.raw) > MAX_BODY_BYTES:
        raise TooLarge("cannot read payload: http: request body too large")
    app = stripe_app(call.store, call.path["id"], "")  # OpenMeter does not know the namespace yet
    check_delivery(call.store, app, call.raw, call.headers.get("stripe-signature", ""), call.body)
    return Reply(201, receive(call.store, app, call.body, call.settings.namespace))


def _named_customer(call: Call) -> Customer | None:
    """The customer that the request names by id or key; None: it wants one to be made. Raises Refusal."""
    named: Mapping[str, Any] = call.body["customer"]
    if named.get("name"):
        return None
    id_, key = named.get("id"), named.get("key")
    if not (id_ or key):
        raise InternalFailure("customer is required")
    found = find_customer(call.store, id_) if id_ else customer_with_key(call.store, key or "")
    if found is None:
        which = f"id {id_}" if id_ else f"key {key}"
        raise NotFound(f"customer with {which} not found in {call.settings.namespace} namespace")
    return found


ROUTES = (
    Route("updateStripeAPIKey", update_api_key, atomic=False),
    Route("createStripeCheckoutSession", create_checkout_session, atomic=False),
    Route("appStripeWebhook", receive_webhook, atomic=False),
)
