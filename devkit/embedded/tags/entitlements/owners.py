"""Whom and what the paths of entitlements name."""

from datetime import datetime

from devkit.embedded.domain import customers, subjects
from devkit.embedded.domain import entitlements as rules
from devkit.embedded.domain.entitlements import Customer, Entitlement
from devkit.embedded.domain.errors import NotFound, PreconditionFailed
from devkit.embedded.http.calls import Call
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.entitlements import entitlement_in_force, find_entitlement
from devkit.embedded.store.subjects import find_subject
from devkit.embedded.store.usage_attribution import customer_of_subject, live_customer


def named_customer(call: Call) -> Customer:
    """The live customer of the path. Raises NotFound or PreconditionFailed."""
    id_or_key = call.path["customerIdOrKey"]
    found = find_customer(call.store, id_or_key)
    if found is None:
        raise customers.unknown(call.settings.namespace, id_or_key)
    customers.check_live(found, call.settings.namespace)
    return found


def customer_of_path_subject(call: Call) -> Customer:
    """The customer to whom the subject of the path belongs. Raises NotFound or PreconditionFailed."""
    id_or_key = call.path["subjectIdOrKey"]
    namespace = call.settings.namespace
    subject = find_subject(call.store, id_or_key)
    if subject is None:
        raise subjects.unknown(namespace, id_or_key)
    if "deletedAt" in subject:
        raise PreconditionFailed(f"subject is deleted [namespace: {namespace}, subject: {id_or_key}]")
    owner = customer_of_subject(call.store.records, subject["key"])
    customer = live_customer(call.store.records, owner) if owner is not None else None
    if customer is None:
        raise NotFound(f"customer with subject key {subject['key']} not found in {namespace} namespace")
    return customer


def owner_of_entitlement(call: Call, entitlement: Entitlement) -> Customer:
    """The customer of an entitlement, deleted or not."""
    return call.store.records.get("customer", entitlement["customerId"]) or {}


def entitlement_with_id(call: Call, id_: str) -> Entitlement:
    """Raises Plain (404) where there is none, or no more."""
    found = find_entitlement(call.store, id_)
    if found is None:
        raise rules.unknown(id_, call.settings.namespace)
    return found


def entitlement_of(call: Call, customer: Customer, id_or_key: str, at: datetime | None = None) -> Entitlement:
    """The entitlement with this id, whosoever it is, or the one of the customer to this feature at the instant.

    Raises Plain (404) where there is none.
    """
    found = find_entitlement(call.store, id_or_key) or entitlement_in_force(
        call.store, customer["id"], id_or_key, at or call.store.now()
    )
    if found is None:
        raise rules.unknown(id_or_key, call.settings.namespace)
    return found


def path_entitlement(call: Call, customer: Customer) -> Entitlement:
    """The entitlement of `entitlementIdOrFeatureKey`."""
    return entitlement_of(call, customer, call.path["entitlementIdOrFeatureKey"])
