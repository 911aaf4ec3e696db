"""What the Stripe app knows of a customer, and the way of the customer into Stripe's portal.

Nothing here runs in one transaction: all of it waits for Stripe.
"""

from devkit.embedded.domain import apps as app_rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.stripe_app.customer_data import shown
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.workflows.customer_apps import app_of_customer
from devkit.embedded.workflows.customer_lookup import live_customer
from devkit.embedded.workflows.stripe_app.linking import known_data, link
from devkit.embedded.workflows.stripe_app.sessions import open_portal


def get_stripe_data(call: Call) -> Reply:
    customer_id, app = _customer_and_app(call)
    data = known_data(call.store, app, customer_id, call.settings.namespace)
    return Reply(200, shown(app_rules.shown(app), data))


def upsert_stripe_data(call: Call) -> Reply:
    customer_id, app = _customer_and_app(call)
    data = link(call.store, app, customer_id, call.body, call.settings.namespace)
    return Reply(200, shown(app_rules.shown(app), data))


def create_portal_session(call: Call) -> Reply:
    customer_id, app = _customer_and_app(call)
    return Reply(201, open_portal(call.store, app, customer_id, call.body, call.settings.namespace))


def _customer_and_app(call: Call) -> tuple[str, App]:
    """The id of the customer, and the Stripe app that serves it. Raises Refusal."""
    customer = live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)
    return customer["id"], app_of_customer(call.store, customer["id"], app_rules.STRIPE, call.settings.namespace)


ROUTES = (
    Route("getCustomerStripeAppData", get_stripe_data),
    Route("upsertCustomerStripeAppData", upsert_stripe_data, atomic=False),
    Route("createCustomerStripePortalSession", create_portal_session, atomic=False),
)
