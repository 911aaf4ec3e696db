"""Which Stripe customers the customers of an app are."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.stripe_app import customer_data as rules
from devkit.embedded.domain.stripe_app.customer_data import CustomerData
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError
from devkit.embedded.domain.stripe_app.setup_intents import WayToPay
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store import stripe_app as store_of
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.stripe_app.connection import answering


def known_data(store: Store, app: App, customer_id: str, namespace: str) -> CustomerData:
    """What the app knows of the customer. Raises PreconditionFailed where that is nothing."""
    data = store_of.customer_data(store, app["id"], customer_id)
    if data is None:
        raise rules.no_data(app, customer_id, namespace)
    return data


def link(store: Store, app: App, customer_id: str, body: Mapping[str, Any], namespace: str) -> CustomerData:
    """Makes the customer the Stripe customer that the body names, once Stripe knows it. Raises Refusal.

    Call it outside of a transaction: it waits for Stripe.
    """
    data = checked_data(store, app, customer_id, body, namespace)
    with store.records.transaction():
        return keep_data(store, app, customer_id, data, namespace)


def checked_data(store: Store, app: App, customer_id: str, body: Mapping[str, Any], namespace: str) -> CustomerData:
    """The data that a body asks for, that Stripe knows and no other customer has; nothing is stored. Raises Refusal."""
    data = rules.customer_data(body)
    stripe_customer_id, method = data["stripeCustomerId"], data.get("stripeDefaultPaymentMethodId")
    with answering(store, app, namespace) as api:
        try:
            api.customer(stripe_customer_id)
        except ProviderError as error:
            if error.code != "resource_missing":
                raise
            raise rules.not_at_stripe(app, customer_id, stripe_customer_id, namespace) from error
        if method is not None:
            rules.check_owner(app, api.payment_method(method), stripe_customer_id)
    _check_free(store, app, customer_id, data, namespace)
    return data


def data_of_new(store: Store, app: App, customer: Customer, namespace: str) -> CustomerData:
    """The data of a Stripe customer that is made for this customer, as `checked_data`."""
    with answering(store, app, namespace) as api:
        made = api.create_customer(rules.stripe_customer(customer, namespace))
    return checked_data(store, app, customer["id"], {"stripeCustomerId": made["id"]}, namespace)


def keep_data(store: Store, app: App, customer_id: str, data: CustomerData, namespace: str) -> CustomerData:
    """Stores checked data. Raises PreconditionFailed where another customer got that Stripe customer meanwhile."""
    _check_free(store, app, customer_id, data, namespace)
    known = store_of.customer_data(store, app["id"], customer_id)
    document = {
        "id": known["id"] if known else store.new_id(),
        "createdAt": known["createdAt"] if known else format_instant(store.now()),
        "type": app["type"],
        "appId": app["id"],
        "customerId": customer_id,
        **data,
    }
    store_of.put_customer_data(store, document)
    return document


def set_way_to_pay(store: Store, app: App, way: WayToPay, namespace: str) -> str:
    """Sets the default payment method of the customer who is that Stripe customer, and returns the customer's id.

    Raises PreconditionFailed.
    """
    with store.records.transaction():
        data = store_of.data_of_stripe_customer(store, app["id"], way.stripe_customer_id)
        if data is None:
            raise rules.nobody_has(app, way.stripe_customer_id, namespace)
        store_of.put_customer_data(store, {**data, "stripeDefaultPaymentMethodId": way.payment_method_id})
    return str(data["customerId"])


def _check_free(store: Store, app: App, customer_id: str, data: CustomerData, namespace: str) -> None:
    holder = store_of.data_of_stripe_customer(store, app["id"], data["stripeCustomerId"])
    if holder is not None and holder["customerId"] != customer_id:
        raise rules.bound_already(app, customer_id, namespace)
