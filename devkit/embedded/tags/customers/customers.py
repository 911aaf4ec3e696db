"""Customers: create, read, replace, delete, list."""

from devkit.embedded.domain import customers as rules
from devkit.embedded.domain.billing.open_invoices import why_customer_stays
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import (
    CustomerFilter,
    customer_page,
    customers_with_subject,
    put_customer,
)
from devkit.embedded.store.entitlements import active_entitlements_of_customer
from devkit.embedded.store.invoices import invoices_of_customer
from devkit.embedded.store.subscriptions import customers_on_plan, running_subscriptions
from devkit.embedded.workflows.customer_creation import add_customer, check_key, write_customer
from devkit.embedded.workflows.customer_lookup import known_customer, live_customer
from devkit.embedded.workflows.customer_subscriptions import with_subscriptions


def list_customers(call: Call) -> Reply:
    rules.check_filters(call.query)
    limit, offset = window(call.query)
    items, total = customer_page(
        call.store,
        _filter(call),
        order=call.query.get("orderBy", "name"),
        descending=call.query.get("order") == "DESC",
        limit=limit,
        offset=offset,
    )
    return Reply(200, envelope(with_subscriptions(call.store, items), total, call.query))


def create_customer(call: Call) -> Reply:
    return Reply(201, add_customer(call.store, call.body, call.settings.namespace))


def get_customer(call: Call) -> Reply:
    return Reply(200, with_subscriptions(call.store, [_known(call)])[0])


def update_customer(call: Call) -> Reply:
    customer = _live(call)
    changed = rules.replace(customer, call.body, now=format_instant(call.store.now()))
    if running_subscriptions(call.store, customer["id"]):
        rules.check_subjects_may_change(customer, call.body)
    check_key(call.store, changed, call.settings.namespace)
    before = rules.subject_keys(customer)
    added = [key for key in dict.fromkeys(rules.subject_keys(call.body)) if key not in before]
    if any(customers_with_subject(call.store, key) for key in added):
        raise rules.subjects_taken(added, call.settings.namespace)
    return Reply(200, write_customer(call.store, changed, call.settings.namespace))


def delete_customer(call: Call) -> Reply:
    customer = _live(call)
    entitled = bool(active_entitlements_of_customer(call.store, customer["id"]))
    subscribed = bool(running_subscriptions(call.store, customer["id"]))
    unpaid = why_customer_stays(invoices_of_customer(call.store, customer["id"]))
    rules.check_deletable(customer, entitled=entitled, subscribed=subscribed, unpaid=unpaid)
    put_customer(call.store, rules.deleted(customer, now=format_instant(call.store.now())))
    return Reply(204)


def _known(call: Call) -> Customer:
    return known_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)


def _live(call: Call) -> Customer:
    return live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)


def _filter(call: Call) -> CustomerFilter:
    plan_key = call.query.get("planKey")
    return CustomerFilter(
        parts={name: call.query[name] for name in rules.TEXT_FILTERS if name in call.query},
        subject=call.query.get("subject"),
        ids=None if plan_key is None else customers_on_plan(call.store, plan_key),
        deleted=call.query.get("includeDeleted", False),
    )


ROUTES = (
    Route("listCustomers", list_customers),
    Route("createCustomer", create_customer),
    Route("getCustomer", get_customer),
    Route("updateCustomer", update_customer),
    Route("deleteCustomer", delete_customer),
)
