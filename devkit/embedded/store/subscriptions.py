"""Subscriptions: documents of kind `subscription`, with their phases and items. Deleted ones are found no more.

Refs: `customer`, the id of the owner; `plan`, the key of its plan; `feature`, the keys of the features of all items.
"""

from collections.abc import Collection
from datetime import datetime

from devkit.embedded.domain.subscriptions import overlaps, states
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.store.listing import Listing, every, ref_among
from devkit.embedded.store.store import Store

KIND = "subscription"
_RUNNING = (states.ACTIVE, states.CANCELED)


def find_subscription(store: Store, id_: str) -> Subscription | None:
    """The subscription with this id, unless it is deleted."""
    found = store.records.get(KIND, id_)
    return None if found is None or "deletedAt" in found else found


def subscriptions_of_customer(store: Store, customer_id: str) -> list[Subscription]:
    """The subscriptions of the customer by creation, whatever their state."""
    return store.records.by_ref(KIND, "customer", customer_id)


def subscriptions_reaching(store: Store, customer_id: str, start: datetime) -> list[Subscription]:
    """Those of the customer that are active at the instant or later, by creation."""
    found = subscriptions_of_customer(store, customer_id)
    return [subscription for subscription in found if overlaps.reaches(subscription, start)]


def running_subscriptions(store: Store, customer_id: str) -> list[Subscription]:
    """Those of the customer that are active now, canceled for later or not."""
    return running_by_customer(store, [customer_id]).get(customer_id, [])


def running_by_customer(store: Store, customer_ids: Collection[str]) -> dict[str, list[Subscription]]:
    """Those of all these customers by customer, of each by creation; customers without any are not in it."""
    now = store.now()
    running: dict[str, list[Subscription]] = {}
    for subscription in every(store.records, Listing(KIND, (ref_among(KIND, "customer", customer_ids),))):
        if states.status(subscription, now) in _RUNNING:
            running.setdefault(subscription["customerId"], []).append(subscription)
    return running


def subscriptions_with_feature(store: Store, feature_key: str) -> list[Subscription]:
    """Those with an item on the feature that are active now or later."""
    now = store.now()
    found = store.records.by_ref(KIND, "feature", feature_key)
    return [subscription for subscription in found if overlaps.reaches(subscription, now)]


def customers_on_plan(store: Store, plan_key: str) -> set[str]:
    """The ids of the customers with a subscription of this plan that is active now, in any version."""
    now = store.now()
    return {
        subscription["customerId"]
        for subscription in store.records.by_ref(KIND, "plan", plan_key)
        if states.status(subscription, now) in _RUNNING
    }


def put_subscription(store: Store, subscription: Subscription) -> None:
    """Writes a subscription, new or changed."""
    cards = [item["rateCard"] for phase in subscription["phases"] for item in phase["items"]]
    refs = {
        "customer": [subscription["customerId"]],
        "plan": [subscription["plan"]["key"]] if "plan" in subscription else [],
        "feature": sorted({card["featureKey"] for card in cards if "featureKey" in card}),
    }
    store.records.put(KIND, subscription, refs=refs)
