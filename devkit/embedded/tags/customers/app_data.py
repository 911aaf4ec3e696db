"""What apps know of a customer. Of the apps there are so far none keeps anything: a sandbox has no use for it."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.customers import Customer
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.apps import app_data_of_customer
from devkit.embedded.workflows.customer_apps import app_by_id, app_of_customer
from devkit.embedded.workflows.customer_lookup import live_customer


def list_app_data(call: Call) -> Reply:
    customer = _customer(call)
    wanted = call.query.get("type")
    found = app_data_of_customer(call.store, customer["id"])
    return Reply(200, page_of([data for data in found if wanted in (None, data["type"])], call.query))


def upsert_app_data(call: Call) -> Reply:
    customer = _customer(call)
    for item in call.body:
        rules.check_keeps_nothing(_app(call, customer, item))
    return Reply(200, b"", media_type="")


def delete_app_data(call: Call) -> Reply:
    _customer(call)
    rules.check_keeps_nothing(app_by_id(call.store, call.path["appId"], call.settings.namespace))
    return Reply(204)


def _customer(call: Call) -> Customer:
    return live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)


def _app(call: Call, customer: Customer, item: Mapping[str, Any]) -> App:
    """The app that an item is for: with an id the kind of that app counts, whatever type the item says."""
    if item.get("id") is not None:
        return app_by_id(call.store, item["id"], call.settings.namespace)
    return app_of_customer(call.store, customer["id"], item["type"])


ROUTES = (
    Route("listCustomerAppData", list_app_data),
    Route("upsertCustomerAppData", upsert_app_data, atomic=False),
    Route("deleteCustomerAppData", delete_app_data),
)
