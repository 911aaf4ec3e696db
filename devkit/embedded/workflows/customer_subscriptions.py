"""Customers together with the subscriptions that run."""

from collections.abc import Sequence

from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.subscriptions.documents import Document
from devkit.embedded.domain.subscriptions.views import shown
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscriptions import running_by_customer


def with_subscriptions(store: Store, customers: Sequence[Customer]) -> list[Customer]:
    """The customers with their running subscriptions, the first of which is the current one."""
    running, now = running_by_customer(store, [customer["id"] for customer in customers]), store.now()
    return [
        _with_subscriptions(customer, [shown(subscription, now) for subscription in running.get(customer["id"], ())])
        for customer in customers
    ]


def _with_subscriptions(customer: Customer, running: Sequence[Document]) -> Customer:
    if not running:
        return customer
    return {**customer, "currentSubscriptionId": running[0]["id"], "subscriptions": running}
