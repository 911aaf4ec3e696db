"""Making, replacing and ending entitlements: for their own API, and for subscriptions, which may schedule them.

All of it belongs into one transaction, which the caller opens.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain import entitlements as rules
from devkit.embedded.domain import features, grants
from devkit.embedded.domain.entitlement_inputs import Body, EntitlementInput
from devkit.embedded.domain.entitlements import Customer, Entitlement, Feature
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound
from devkit.embedded.domain.issues import critical
from devkit.embedded.domain.usage_periods import of_entitlement
from devkit.embedded.store.balance_looks import ask_for_look
from devkit.embedded.store.entitlements import entitlements_from, put_entitlement
from devkit.embedded.store.features import active_feature
from devkit.embedded.store.grants import grants_of_entitlement, put_grant
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.granting import create_grant_v2


def create_entitlement(
    store: Store, customer: Customer, wanted: EntitlementInput, grants_wanted: Sequence[Body] = ()
) -> Entitlement:
    """Makes an entitlement of the customer with its grants (EntitlementGrantCreateInputV2).

    Raises Invalid, or Plain: 404 for an unknown feature, 409 with `conflictingEntityId` where the customer has another
    entitlement to the feature in the same time, 400 where type and feature do not go together.
    """
    _check_grants(wanted, grants_wanted)
    now = store.now()
    rules.check_input(wanted, customer, now)
    feature = _feature(store, wanted)
    active_from = wanted.active_from or now
    others = entitlements_from(store, customer["id"], feature["key"], active_from)
    conflict = rules.conflicting(others, active_from, wanted.active_to)
    if conflict is not None:
        raise rules.exists_already(conflict)
    made = rules.create(wanted, feature, customer, id_=store.new_id(), now=now)
    put_entitlement(store, made)
    _grant_after_reset(store, made, now)
    for body in grants_wanted:
        create_grant_v2(store, made, body)
    if made["type"] == "metered":
        ask_for_look(store, made["id"])
    return made


def supersede_entitlement(store: Store, old: Entitlement, customer: Customer, wanted: EntitlementInput) -> Entitlement:
    """Ends an entitlement where the new one begins. Nothing of the old one carries over.

    Raises what create_entitlement raises, and Invalid where the new one is for something else or begins too early.
    """
    if wanted.feature is None:
        raise Invalid("feature ID or Key is required")
    feature = _feature(store, wanted)
    now = store.now()
    active_from = wanted.active_from or now
    rules.check_superseding(old, feature, customer, active_from)
    if "activeTo" in old:
        raise InternalFailure("the entitlement ends already")
    put_entitlement(store, rules.ended(old, active_from, now=now))
    return create_entitlement(store, customer, wanted)


def override_entitlement(
    store: Store,
    old: Entitlement,
    customer: Customer,
    wanted: EntitlementInput,
    grants_wanted: Sequence[Body] = (),
) -> Entitlement:
    """Supersedes an entitlement from now on, and makes grants with the new one.

    What was refused with the old one found still costs its grants: OpenMeter deletes them first, outside of what it
    takes back. Raises Forbidden where a subscription manages it.
    """
    _check_grants(wanted, grants_wanted)
    rules.check_unmanaged(old)
    with store.records.transaction():
        delete_grants(store, old)
    with store.records.transaction():
        made = supersede_entitlement(store, old, customer, wanted)
        for body in grants_wanted:
            create_grant_v2(store, made, body)
    return made


def end_entitlement(store: Store, entitlement: Entitlement, at: datetime) -> Entitlement:
    """Lets the activity of an entitlement end at this instant, past or to come; it stays readable."""
    changed = rules.ended(entitlement, at, now=store.now())
    put_entitlement(store, changed)
    return changed


def delete_entitlement(store: Store, entitlement: Entitlement) -> None:
    """Deletes an entitlement and its grants now. Whether it may be, the caller checks (rules.check_unmanaged)."""
    delete_grants(store, entitlement)
    put_entitlement(store, rules.deleted(entitlement, now=store.now()))


def delete_grants(store: Store, entitlement: Entitlement) -> None:
    """Deletes the grants of a metered entitlement now; what they paid stays paid."""
    if entitlement["type"] != "metered":
        return
    now = store.now()
    for grant in grants_of_entitlement(store, entitlement["id"], deleted=True):
        put_grant(store, grants.deleted(grant, now=now))


def _feature(store: Store, wanted: EntitlementInput) -> Feature:
    id_or_key = wanted.feature or ""
    found = active_feature(store, id_or_key)
    if found is None:
        raise features.unknown(id_or_key)
    return found


def _grant_after_reset(store: Store, entitlement: Entitlement, now: datetime) -> None:
    if entitlement["type"] != "metered":
        return
    start, _ = of_entitlement(entitlement).period_at(now)
    grant = grants.after_reset(entitlement, effective_at=start, id_=store.new_id(), now=now)
    if grant is not None:
        put_grant(store, grant)


def _check_grants(wanted: EntitlementInput, grants_wanted: Sequence[Any]) -> None:
    if grants_wanted and wanted.type != "metered":
        code = "entitlement_grants_only_supported_for_metered_entitlements"
        raise IssuesFound([critical(code, "", "grants are only supported for metered entitlements")])
