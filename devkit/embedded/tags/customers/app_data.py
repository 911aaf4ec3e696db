"""What apps know of a customer. Only the Stripe app keeps anything: the others take what comes and forget it."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.stripe_app.customer_data import shown
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.apps import app_data_of_customer
from devkit.embedded.store.stripe_app import delete_customer_data
from devkit.embedded.workflows.customer_apps import app_by_id, app_of_customer
from devkit.embedded.workflows.customer_lookup import live_customer
from devkit.embedded.workflows.stripe_app.linking import link


def list_app_data(call: Call) -> Reply:
    customer = _customer(call)
    wanted = call.query.get("type")
    found = [data for data in app_data_of_customer(call.store, customer["id"]) if wanted in (None, data["type"])]
    return Reply(200, page_of([_shown(call, data) for data in found], call.query))


def upsert_app_data(call: Call) -> Reply:
    """One item after another; those before one that is refused stay."""
    customer = _customer(call)
    for item in call.body:
        app = _app(call, customer, item)
        if app["type"] != rules.SANDBOX:
            rules.check_type(app, item["type"])
        if app["type"] == rules.STRIPE:
            link(call.store, app, customer["id"], item, call.settings.namespace)
    return Reply(200, b"", media_type="")


def delete_app_data(call: Call) -> Reply:
    customer = _customer(call)
    app = app_by_id(call.store, call.path["appId"], call.settings.namespace)
    delete_customer_data(call.store, app["id"], customer["id"])
    return Reply(204)


def _customer(call: Call) -> Customer:
    return live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)


def _app(call: Call, customer: Customer, item: Mapping[str, Any]) -> App:
    """The app that an item is for."""
    if item.get("id") is not None:
        return app_by_id(call.store, item["id"], call.settings.namespace)
    return app_of_customer(call.store, customer["id"], item["type"], call.settings.namespace)


def _shown(call: Call, data: Mapping[str, Any]) -> dict[str, Any]:
    return shown(rules.shown(app_by_id(call.store, data["appId"], call.settings.namespace)), data)


ROUTES = (
    Route("listCustomerAppData", list_app_data),
    Route("upsertCustomerAppData", upsert_app_data, atomic=False),
    Route("deleteCustomerAppData", delete_app_data),
)
