"""Billing: what an invoice would be, without making it."""

from devkit.embedded.domain.billing import simulation as rules
from devkit.embedded.domain.errors import NotFound
from devkit.embedded.domain.instants import text_of
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customer_overrides import live_override
from devkit.embedded.store.customers import find_customer
from devkit.embedded.workflows.customer_apps import shown_apps
from devkit.embedded.workflows.customer_profiles import profile_of_customer


def simulate_invoice(call: Call) -> Reply:
    """Deleted customers will do. Customers with an override get references to their apps only."""
    store, id_ = call.store, call.path["customerId"]
    lines = rules.read_lines(call.body["lines"], new_id=store.new_id)
    customer = find_customer(store, id_)
    if customer is None or customer["id"] != id_:
        raise NotFound(f"customer with id {id_} not found in {call.settings.namespace} namespace")
    profile = profile_of_customer(store, id_)
    invoice = rules.simulated(customer, profile, call.body, lines, id_=store.new_id(), now=text_of(store.now()))
    pinned = live_override(store, id_) is not None
    apps = profile["apps"] if pinned else shown_apps(store, profile, call.settings.namespace)
    return Reply(200, rules.simulation_shown(invoice, apps))


ROUTES = (Route("simulateInvoice", simulate_invoice, read_only=True),)
