"""What the Stripe app keeps: its secrets (documents of kind `stripe-secrets`, with the id of the app), and which Stripe
customers the customers are: documents of kind `customer-app` with type, appId, customerId, stripeCustomerId and
stripeDefaultPaymentMethodId?. Refs of these: `customer` and `app`, the ids, and `stripe-customer`, app and its id.
"""

from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.apps import CUSTOMER_KIND, installed_apps
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

SECRETS_KIND = "stripe-secrets"


def put_secrets(store: Store, app_id: str, *, api_key: str, webhook_id: str, webhook_secret: str) -> None:
    """Keeps the API key of an app, and id and signing secret of its webhook endpoint."""
    document = {"apiKey": api_key, "webhookId": webhook_id, "webhookSecret": webhook_secret}
    store.records.put(SECRETS_KIND, {"id": app_id, "createdAt": format_instant(store.now()), **document})


def secrets_of(store: Store, app_id: str) -> Document:
    """apiKey, webhookId and webhookSecret of an installed app."""
    found = store.records.get(SECRETS_KIND, app_id)
    assert found is not None, f"the Stripe app {app_id} has no secrets"
    return found


def forget(store: Store, app_id: str) -> None:
    """Removes secrets and customer data of an app for good."""
    now = format_instant(store.now())
    known = secrets_of(store, app_id)
    store.records.put(SECRETS_KIND, {"id": app_id, "createdAt": known["createdAt"], "deletedAt": now})
    for data in store.records.by_ref(CUSTOMER_KIND, "app", app_id):
        store.records.put(CUSTOMER_KIND, {**data, "deletedAt": now})


def stripe_app_of_account(store: Store, account_id: str, *, livemode: bool) -> Document | None:
    """The installed app of an account of Stripe's."""
    apps = (app for app in installed_apps(store) if app.get("stripeAccountId") == account_id)
    return next((app for app in apps if app["livemode"] == livemode), None)


def customer_data(store: Store, app_id: str, customer_id: str) -> Document | None:
    """What the app knows of a customer."""
    known = store.records.by_ref(CUSTOMER_KIND, "customer", customer_id)
    return next((data for data in known if data["appId"] == app_id), None)


def data_of_stripe_customer(store: Store, app_id: str, stripe_customer_id: str) -> Document | None:
    """The data of the customer who is this Stripe customer."""
    found = store.records.by_ref(CUSTOMER_KIND, "stripe-customer", f"{app_id}/{stripe_customer_id}")
    return found[0] if found else None


def put_customer_data(store: Store, data: Document) -> None:
    """Writes the data of a customer, new or changed."""
    app_id = data["appId"]
    refs = {
        "customer": [data["customerId"]],
        "app": [app_id],
        "stripe-customer": [f"{app_id}/{data['stripeCustomerId']}"],
    }
    store.records.put(CUSTOMER_KIND, data, refs=refs)


def delete_customer_data(store: Store, app_id: str, customer_id: str) -> None:
    """Forgets what the app knows of a customer, where it knows anything."""
    if data := customer_data(store, app_id, customer_id):
        store.records.put(CUSTOMER_KIND, {**data, "deletedAt": format_instant(store.now())})
