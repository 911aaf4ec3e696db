"""Entitlements: documents of kind `entitlement`; deleted ones stay, and some are still asked for.

Refs: `customer`, the id of the owner; `scope`, owner and feature key together; `feature`, the id of the feature.
"""

from datetime import datetime

from devkit.embedded.domain.entitlements import Entitlement, is_active, is_deleted
from devkit.embedded.domain.instants import instant
from devkit.embedded.store.features import KIND as FEATURE
from devkit.embedded.store.store import Store

KIND = "entitlement"


def find_entitlement(store: Store, id_: str) -> Entitlement | None:
    """The entitlement with this id, unless it is deleted by now."""
    found = store.records.get(KIND, id_)
    return None if found is None or is_deleted(found, store.now()) else found


def entitlement_in_force(store: Store, customer_id: str, feature_key: str, at: datetime) -> Entitlement | None:
    """The entitlement of the customer that was active at this instant; it may be deleted since."""
    return next((found for found in _of_scope(store, customer_id, feature_key) if is_active(found, at)), None)


def entitlements_from(store: Store, customer_id: str, feature_key: str, start: datetime) -> list[Entitlement]:
    """What is not deleted and is, or will be, active after this instant, by the start of its activity."""
    now = store.now()
    found = [
        entitlement
        for entitlement in _of_scope(store, customer_id, feature_key)
        if not is_deleted(entitlement, now) and not _ended_by(entitlement, start)
    ]
    return sorted(found, key=lambda entitlement: instant(entitlement["activeFrom"]))


def active_entitlements_of_customer(store: Store, customer_id: str) -> list[Entitlement]:
    """The entitlements that the customer has now, by creation."""
    return _active(store, store.records.by_ref(KIND, "customer", customer_id))


def active_entitlements_of_feature(store: Store, feature_id: str) -> list[Entitlement]:
    """The entitlements to this feature that are active now, by creation."""
    return _active(store, store.records.by_ref(KIND, "feature", feature_id))


def active_entitlements_of_meter(store: Store, meter_id: str) -> list[Entitlement]:
    """The entitlements to all features of this meter, archived ones too, that are active now."""
    features = store.records.by_ref(FEATURE, "meter", meter_id)
    return [found for feature in features for found in active_entitlements_of_feature(store, feature["id"])]


def all_entitlements(store: Store) -> list[Entitlement]:
    """All that are not deleted, by creation."""
    return store.records.all(KIND)


def put_entitlement(store: Store, entitlement: Entitlement) -> None:
    """Writes an entitlement, new or changed."""
    customer_id = entitlement["customerId"]
    scope = _scope(customer_id, entitlement["featureKey"])
    refs = {"customer": (customer_id,), "scope": (scope,), "feature": (entitlement["featureId"],)}
    store.records.put(KIND, entitlement, refs=refs)


def _active(store: Store, found: list[Entitlement]) -> list[Entitlement]:
    now = store.now()
    return [entitlement for entitlement in found if is_active(entitlement, now)]


def _of_scope(store: Store, customer_id: str, feature_key: str) -> list[Entitlement]:
    return store.records.by_ref(KIND, "scope", _scope(customer_id, feature_key), deleted=True)


def _ended_by(entitlement: Entitlement, at: datetime) -> bool:
    return "activeTo" in entitlement and instant(entitlement["activeTo"]) <= at


def _scope(customer_id: str, feature_key: str) -> str:
    return f"{customer_id}/{feature_key}"
