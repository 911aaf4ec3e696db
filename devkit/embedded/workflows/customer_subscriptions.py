"""Customers together with the subscriptions that run."""

from collections.abc import Sequence

from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.subscriptions.views import shown
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscriptions import running_subscriptions


def with_subscriptions(store: Store, customers: Sequence[Customer]) -> list[Customer]:
    """The customers with their running subscriptions, the first of which is the current one."""
    return [_with_subscriptions(store, customer) for customer in customers]


def _with_subscriptions(store: Store, customer: Customer) -> Customer:
    running = running_subscriptions(store, customer["id"])
    if not running:
        return customer
    now = store.now()
    return {
        **customer,
        "currentSubscriptionId": running[0]["id"],
        "subscriptions": [shown(subscription, now) for subscription in running],
    }
