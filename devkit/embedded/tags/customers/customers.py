"""Customers: create, read, replace, delete, list."""

from devkit.embedded.domain import customers as rules
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import (
    CustomerFilter,
    customer_page,
    customer_with_key,
    customers_with_subject,
    is_customer_id,
    put_customer,
)
from devkit.embedded.store.entitlements import active_entitlements_of_customer
from devkit.embedded.store.subscriptions import customers_on_plan, running_subscriptions
from devkit.embedded.workflows.customer_lookup import known_customer, live_customer
from devkit.embedded.workflows.customer_subscriptions import with_subscriptions
from devkit.embedded.workflows.subject_provisioning import provision_subjects


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
    customer = rules.create(call.body, id_=call.store.new_id(), now=format_instant(call.store.now()))
    _check_key(call, customer)
    keys = rules.subject_keys(call.body)
    if len(set(keys)) < len(keys) or any(customers_with_subject(call.store, key) for key in keys):
        raise rules.subjects_taken(keys, call.settings.namespace)
    return Reply(201, _write(call, customer))


def get_customer(call: Call) -> Reply:
    return Reply(200, with_subscriptions(call.store, [_known(call)])[0])


def update_customer(call: Call) -> Reply:
    customer = _live(call)
    changed = rules.replace(customer, call.body, now=format_instant(call.store.now()))
    if running_subscriptions(call.store, customer["id"]):
        rules.check_subjects_may_change(customer, call.body)
    _check_key(call, changed)
    before = rules.subject_keys(customer)
    added = [key for key in dict.fromkeys(rules.subject_keys(call.body)) if key not in before]
    if any(customers_with_subject(call.store, key) for key in added):
        raise rules.subjects_taken(added, call.settings.namespace)
    return Reply(200, _write(call, changed))


def delete_customer(call: Call) -> Reply:
    customer = _live(call)
    entitled = bool(active_entitlements_of_customer(call.store, customer["id"]))
    subscribed = bool(running_subscriptions(call.store, customer["id"]))
    rules.check_deletable(customer, entitled=entitled, subscribed=subscribed)
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


def _check_key(call: Call, customer: Customer) -> None:
    """Raises Conflict where the key means something else already."""
    key = customer.get("key")
    if key is None:
        return
    if is_customer_id(call.store, key):
        raise rules.key_is_id(key)
    owners = [owner["id"] for owner in customers_with_subject(call.store, key) if owner["id"] != customer["id"]]
    if owners:
        raise rules.key_is_subject(key, owners[0])
    holder = customer_with_key(call.store, key)
    if holder is not None and holder["id"] != customer["id"]:
        raise rules.key_taken(key, call.settings.namespace)


def _write(call: Call, customer: Customer) -> Customer:
    put_customer(call.store, customer)
    provision_subjects(call.store, customer, call.settings.namespace)
    return customer


ROUTES = (
    Route("listCustomers", list_customers),
    Route("createCustomer", create_customer),
    Route("getCustomer", get_customer),
    Route("updateCustomer", update_customer),
    Route("deleteCustomer", delete_customer),
)
