"""Add-ons come to subscriptions and change in number; the items and entitlements of the subscription follow."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.catalog import addons as catalog_addons
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.subscriptions import addon_effects, addon_quantities, states
from devkit.embedded.domain.subscriptions.addon_quantities import SubscriptionAddon, instances
from devkit.embedded.domain.subscriptions.documents import Subscription, spec_of
from devkit.embedded.domain.subscriptions.spec_issues import check_currency
from devkit.embedded.domain.subscriptions.timings import Timing
from devkit.embedded.store.addons import addon_by_id, plan_addon
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscription_addons import (
    addons_of_subscription,
    find_subscription_addon,
    put_subscription_addon,
)
from devkit.embedded.workflows.billing_setup import check_can_be_billed
from devkit.embedded.workflows.subscribing import customer_of, required_subscription
from devkit.embedded.workflows.subscription_billing import bill_subscription
from devkit.embedded.workflows.subscription_items import write_to_spec

Addon = catalog_addons.Addon


def required_addon(store: Store, id_: str, namespace: str) -> Addon:
    """The version of an add-on with this id. Raises NotFound."""
    found = addon_by_id(store, id_)
    if found is None:
        raise catalog_addons.unknown(namespace, id_)
    return found


def required_subscription_addon(store: Store, id_: str) -> SubscriptionAddon:
    """Raises NotFound."""
    found = find_subscription_addon(store, id_)
    if found is None:
        raise addon_quantities.unknown(id_)
    return found


def add_addon(
    store: Store,
    subscription_id: str,
    addon: Addon,
    *,
    quantity: int,
    timing: Timing,
    metadata: Mapping[str, str] | None,
) -> SubscriptionAddon:
    """Adds an add-on that the subscription does not have.

    Raises NotFound, Invalid where the plan of the subscription does not allow it, Forbidden where its state does not.
    """
    addon_quantities.check_first_quantity(quantity)
    subscription = required_subscription(store, subscription_id)
    spec = spec_of(subscription)
    at = timing.of_addons(spec, store.now())
    if not spec.span.contains(at):
        raise Invalid("subscription is not active at the time of adding the addon")
    addon_quantities.check_first_single(addon, quantity)
    if "plan" not in subscription:
        raise Invalid("cannot add addon to a custom subscription")
    assignment = _assignment(store, subscription, addon)
    addon_quantities.check_assignment(addon, assignment, spec, quantity=quantity, at=at)
    before = addons_of_subscription(store, subscription_id)
    now = text_of(store.now())
    made: SubscriptionAddon = {"id": store.new_id(), "subscriptionId": subscription_id, "addonId": addon["id"]}
    made |= {"createdAt": now, "updatedAt": now, "quantities": []} | (
        {} if metadata is None else {"metadata": metadata}
    )
    made = addon_quantities.with_quantity(made, quantity, at, now=now)
    put_subscription_addon(store, made)
    _sync(store, subscription, before, [*before, made])
    return made


def change_quantity(
    store: Store, subscription_id: str, addon_id: str, *, quantity: int, timing: Timing
) -> SubscriptionAddon:
    """Sets how many of an add-on a subscription has from some time on.

    Raises NotFound, Invalid where the plan of the subscription does not allow it, Forbidden where its state does not.
    """
    changing = required_subscription_addon(store, addon_id)
    if changing["subscriptionId"] != subscription_id:
        raise Invalid("subscription addon does not belong to subscription")
    subscription = required_subscription(store, subscription_id)
    spec = spec_of(subscription)
    at = timing.of_addons(spec, store.now())
    addon = _addon_of(store, changing)
    addon_quantities.check_single(addon, quantity)
    assignment = _assignment(store, subscription, addon)
    addon_quantities.check_assignment(addon, assignment, spec, quantity=quantity, at=at)
    before = addons_of_subscription(store, subscription_id)
    changed = addon_quantities.with_quantity(changing, quantity, at, now=text_of(store.now()))
    put_subscription_addon(store, changed)
    _sync(store, subscription, before, addons_of_subscription(store, subscription_id))
    return changed


def _assignment(store: Store, subscription: Subscription, addon: Addon) -> addon_quantities.Assignment:
    """The assignment of the add-on to the plan of the subscription. Raises Invalid."""
    found = plan_addon(store, subscription["plan"]["id"], addon["id"])
    if found is None:
        raise addon_quantities.not_linked(addon, subscription["plan"])
    return found


def _sync(
    store: Store,
    subscription: Subscription,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> None:
    """Takes the add-ons as they were out of the subscription, and puts them in as they are."""
    states.check(subscription, "update", store.now())
    spec = spec_of(subscription)
    for change, addons in ((addon_effects.take_away, before), (addon_effects.apply, after)):
        for addon in addons:
            cards = _addon_of(store, addon)["rateCards"]
            for one in instances(addon):
                change(spec, one, cards)
    customer = customer_of(store, subscription)
    check_currency(spec, customer)
    changed = write_to_spec(store, subscription, customer, spec)
    check_can_be_billed(store, customer["id"], spec)
    bill_subscription(store, changed)


def _addon_of(store: Store, subscription_addon: Mapping[str, Any]) -> Addon:
    found = addon_by_id(store, subscription_addon["addonId"])
    if found is None:
        raise InternalFailure("an add-on of a subscription is gone")
    return found
