"""What the Stripe app knows of a customer. None can be installed yet, so all of it ends where it is looked for."""

from devkit.embedded.domain import apps as rules
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.workflows.customer_apps import app_of_customer
from devkit.embedded.workflows.customer_lookup import live_customer


def refuse_without_stripe(call: Call) -> Reply:
    customer = live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)
    app = app_of_customer(call.store, customer["id"], rules.STRIPE)
    raise rules.unfinished(app["type"])


ROUTES = (
    Route("getCustomerStripeAppData", refuse_without_stripe),
    Route("upsertCustomerStripeAppData", refuse_without_stripe),
    Route("createCustomerStripePortalSession", refuse_without_stripe),
)
