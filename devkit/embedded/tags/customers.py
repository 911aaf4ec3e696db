"""Customers: create, read, replace, delete, list."""

from devkit.embedded.domain import customers as rules
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import (
    all_customers,
    customer_with_key,
    customers_with_subject,
    find_customer,
    is_customer_id,
    put_customer,
)
from devkit.embedded.workflows.subject_provisioning import provision_subjects


def list_customers(call: Call) -> Reply:
    rules.check_filters(call.query)
    found = all_customers(call.store, deleted=call.query.get("includeDeleted", False))
    return Reply(200, page_of(rules.listed(found, call.query, plan_keys={}), call.query))


def create_customer(call: Call) -> Reply:
    customer = rules.create(call.body, id_=call.store.new_id(), now=format_instant(call.store.now()))
    _check_key(call, customer)
    keys = rules.subject_keys(call.body)
    if len(set(keys)) < len(keys) or any(customers_with_subject(call.store, key) for key in keys):
        raise rules.subjects_taken(keys, call.settings.namespace)
    return Reply(201, _write(call, customer))


def get_customer(call: Call) -> Reply:
    return Reply(200, _required(call))


def update_customer(call: Call) -> Reply:
    customer = _required(call)
    rules.check_live(customer, call.settings.namespace)
    changed = rules.replace(customer, call.body, now=format_instant(call.store.now()))
    _check_key(call, changed)
    before = rules.subject_keys(customer)
    added = [key for key in dict.fromkeys(rules.subject_keys(call.body)) if key not in before]
    if any(customers_with_subject(call.store, key) for key in added):
        raise rules.subjects_taken(added, call.settings.namespace)
    return Reply(200, _write(call, changed))


def delete_customer(call: Call) -> Reply:
    customer = _required(call)
    rules.check_live(customer, call.settings.namespace)
    put_customer(call.store, rules.deleted(customer, now=format_instant(call.store.now())))
    return Reply(204)


def _required(call: Call) -> Customer:
    id_or_key = call.path["customerIdOrKey"]
    found = find_customer(call.store, id_or_key)
    if found is None:
        raise rules.unknown(call.settings.namespace, id_or_key)
    return found


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
