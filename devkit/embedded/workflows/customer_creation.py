"""Making a customer, alone or on the way to something else."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import customers as rules
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.customers import (
    customer_with_key,
    customers_with_subject,
    is_customer_id,
    put_customer,
)
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.subject_provisioning import provision_subjects


def add_customer(store: Store, body: Mapping[str, Any], namespace: str) -> Customer:
    """Writes the customer that a body describes, and its subjects. Raises Refusal."""
    return write_customer(store, new_customer(store, body, namespace), namespace)


def new_customer(store: Store, body: Mapping[str, Any], namespace: str) -> Customer:
    """The customer that a body describes, not stored. Raises Refusal where it cannot be."""
    customer = rules.create(body, id_=store.new_id(), now=format_instant(store.now()))
    check_new(store, customer, body, namespace)
    return customer


def check_new(store: Store, customer: Customer, body: Mapping[str, Any], namespace: str) -> None:
    """Raises Conflict where the key or a subject of the new customer is taken."""
    check_key(store, customer, namespace)
    keys = rules.subject_keys(body)
    if len(set(keys)) < len(keys) or any(customers_with_subject(store, key) for key in keys):
        raise rules.subjects_taken(keys, namespace)


def check_key(store: Store, customer: Customer, namespace: str) -> None:
    """Raises Conflict where the key of the customer means something else already."""
    key = customer.get("key")
    if key is None:
        return
    if is_customer_id(store, key):
        raise rules.key_is_id(key)
    owners = [owner["id"] for owner in customers_with_subject(store, key) if owner["id"] != customer["id"]]
    if owners:
        raise rules.key_is_subject(key, owners[0])
    holder = customer_with_key(store, key)
    if holder is not None and holder["id"] != customer["id"]:
        raise rules.key_taken(key, namespace)


def write_customer(store: Store, customer: Customer, namespace: str) -> Customer:
    """Writes a customer, new or changed, and the subjects that it names first."""
    put_customer(store, customer)
    provision_subjects(store, customer, namespace)
    return customer
