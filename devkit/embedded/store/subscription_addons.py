"""Add-ons of subscriptions: documents of kind `subscription_addon`. Refs: `subscription`, the id of the owner."""

from devkit.embedded.domain.subscriptions.addon_quantities import SubscriptionAddon
from devkit.embedded.store.store import Store

KIND = "subscription_addon"


def find_subscription_addon(store: Store, id_: str) -> SubscriptionAddon | None:
    return store.records.get(KIND, id_)


def addons_of_subscription(store: Store, subscription_id: str) -> list[SubscriptionAddon]:
    """By creation."""
    return store.records.by_ref(KIND, "subscription", subscription_id)


def put_subscription_addon(store: Store, addon: SubscriptionAddon) -> None:
    """Writes an add-on, new or changed."""
    store.records.put(KIND, addon, refs={"subscription": [addon["subscriptionId"]]})
