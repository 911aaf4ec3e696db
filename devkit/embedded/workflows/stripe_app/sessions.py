"""Checkout and portal sessions at Stripe. All of it waits for Stripe: call it outside of transactions."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.stripe_app import sessions as rules
from devkit.embedded.domain.stripe_app.customer_data import CustomerData
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError
from devkit.embedded.store import stripe_app as store_of
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.stripe_app.connection import answering
from devkit.embedded.workflows.stripe_app.linking import checked_data, data_of_new, known_data


def open_checkout(
    store: Store, app: App, customer: Customer, body: Mapping[str, Any], namespace: str
) -> tuple[dict[str, Any], CustomerData | None]:
    """Opens a checkout session, for which the customer gets a Stripe customer where it has none. Raises Refusal.

    Returns the reply and, where the customer had none, its data, that the caller keeps: nothing is stored before
    Stripe is done.
    """
    known = store_of.customer_data(store, app["id"], customer["id"])
    data = known or _new_data(store, app, customer, body.get("stripeCustomerId"), namespace)
    if body.get("stripeCustomerId") not in (None, data["stripeCustomerId"]):
        raise InternalFailure(f"customer {customer['id']} is {data['stripeCustomerId']} at Stripe")
    stripe_customer_id = data["stripeCustomerId"]
    params = rules.checkout_session(body["options"], customer, stripe_customer_id, app["id"], namespace)
    with answering(store, app, namespace) as api:
        session = api.create_checkout_session(params)
    if session.get("setup_intent") is None:
        raise InternalFailure("Stripe's checkout session has no setup intent")
    return rules.checkout_reply(session, customer["id"], stripe_customer_id), None if known else data


def open_portal(store: Store, app: App, customer_id: str, body: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """Opens a session of the customer portal. Raises Refusal."""
    rules.check_portal_request(body)
    stripe_customer_id = known_data(store, app, customer_id, namespace)["stripeCustomerId"]
    with answering(store, app, namespace) as api:
        try:
            session = api.create_portal_session(rules.portal_session(body, stripe_customer_id))
        except ProviderError as error:
            if error.code != "resource_missing":
                raise
            raise InternalFailure(error.message) from error
    return rules.portal_reply(session, stripe_customer_id)


def _new_data(store: Store, app: App, customer: Customer, wanted: str | None, namespace: str) -> CustomerData:
    """Which Stripe customer the customer is to become."""
    if wanted is None:
        return data_of_new(store, app, customer, namespace)
    return checked_data(store, app, customer["id"], {"stripeCustomerId": wanted}, namespace)
