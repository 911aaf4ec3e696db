"""What the items of subscriptions give: entitlements, made with an item and deleted with it."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.catalog import entitlement_templates
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.entitlement_inputs import EntitlementInput
from devkit.embedded.domain.entitlement_views import entitlement_v1
from devkit.embedded.domain.entitlements import SUBSCRIPTION
from devkit.embedded.domain.errors import Plain
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.recurrences import Recurrence, interval_of
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.domain.subscriptions.syncing import NewItem, synced
from devkit.embedded.domain.subscriptions.views import Included
from devkit.embedded.store.entitlements import KIND as ENTITLEMENT
from devkit.embedded.store.entitlements import find_entitlement
from devkit.embedded.store.features import KIND as FEATURE
from devkit.embedded.store.features import active_feature, all_features
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscriptions import put_subscription
from devkit.embedded.workflows.catalog_references import with_tax_codes
from devkit.embedded.workflows.entitling import create_entitlement, delete_entitlement


def write_to_spec(store: Store, subscription: Subscription, customer: Customer, spec: Spec) -> Subscription:
    """Makes the phases, items and entitlements of a subscription those of the spec, and writes it.

    Raises what create_entitlement raises; an unknown feature is told as an invalid request.
    """
    now = store.now()
    result = synced(subscription["phases"], spec, new_id=store.new_id, now=text_of(now))
    for id_ in result.dropped:
        entitlement = find_entitlement(store, id_)
        if entitlement is not None:
            delete_entitlement(store, entitlement)
    for made in result.made:
        _give(store, subscription, customer, made)
    changed = {**subscription, "phases": result.phases}
    put_subscription(store, changed)
    return changed


def drop_entitlements(store: Store, subscription: Subscription) -> None:
    """Deletes all entitlements of the subscription."""
    for phase in subscription["phases"]:
        for item in phase["items"]:
            entitlement = find_entitlement(store, item.get("entitlementId", ""))
            if entitlement is not None:
                delete_entitlement(store, entitlement)


def included(store: Store, customer: Customer) -> Included:
    """Finds feature and entitlement of an item, as answers show them."""

    def find(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        entitlement = store.records.get(ENTITLEMENT, item["entitlementId"]) if "entitlementId" in item else None
        if entitlement is not None:
            given = store.records.get(FEATURE, entitlement["featureId"])
            return {"feature": given, "entitlement": entitlement_v1(entitlement, customer, store.now())}
        feature = _any_feature(store, item["rateCard"].get("featureKey"))
        return {"feature": feature} if feature is not None else None

    return find


def _give(store: Store, subscription: Subscription, customer: Customer, made: NewItem) -> None:
    """Makes the entitlement of a new item, and resolves its tax code."""
    card = made.item.rate_card
    if "entitlementTemplate" in card:
        if active_feature(store, card["featureKey"]) is None:
            raise Plain(400, f"feature not found: {card['featureKey']}")
        wanted = _wanted(subscription, made)
        made.document["entitlementId"] = create_entitlement(store, customer, wanted)["id"]
    made.document["rateCard"] = with_tax_codes(store, [card])[0]


def _wanted(subscription: Subscription, made: NewItem) -> EntitlementInput:
    card = made.item.rate_card
    template = card["entitlementTemplate"]
    shared: dict[str, Any] = {
        "type": template["type"],
        "feature_key": card["featureKey"],
        "metadata": template.get("metadata", {}),
        "annotations": {SUBSCRIPTION: subscription["id"]},
        "active_from": made.span.start,
        "active_to": made.span.end,
    }
    if template["type"] != entitlement_templates.METERED:
        return EntitlementInput(**shared, config=template.get("config"))
    return EntitlementInput(
        **shared,
        usage_period=Recurrence(interval_of(template["usagePeriod"]), instant(subscription["billingAnchor"])),
        measure_usage_from=made.phase_start,
        issue_after_reset=template.get("issueAfterReset"),
        issue_after_reset_priority=template.get("issueAfterResetPriority"),
        is_soft_limit=template["isSoftLimit"],
        preserve_overage_at_reset=template.get("preserveOverageAtReset") or False,
    )


def _any_feature(store: Store, key: str | None) -> Mapping[str, Any] | None:
    """The feature with this key, archived only where there is no other."""
    if key is None:
        return None
    found = active_feature(store, key)
    if found is not None:
        return found
    return next((feature for feature in all_features(store, archived=True) if feature["key"] == key), None)
