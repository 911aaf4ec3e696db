"""The add-ons of subscriptions."""

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.subscriptions import timings
from devkit.embedded.domain.subscriptions.addon_quantities import SubscriptionAddon
from devkit.embedded.domain.subscriptions.addon_views import shown
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.subscription_addons import addons_of_subscription
from devkit.embedded.workflows.subscribing import required_subscription
from devkit.embedded.workflows.subscription_addons import (
    add_addon,
    change_quantity,
    required_addon,
    required_subscription_addon,
)


def create_subscription_addon(call: Call) -> Reply:
    """An add-on that is there already gets the quantity instead."""
    body, id_ = call.body, call.path["subscriptionId"]
    timing = timings.read(body["timing"])
    addon = required_addon(call.store, body["addon"]["id"], call.settings.namespace)
    known = [found for found in addons_of_subscription(call.store, id_) if found["addonId"] == addon["id"]]
    if known:
        made = change_quantity(call.store, id_, known[0]["id"], quantity=body["quantity"], timing=timing)
    else:
        made = add_addon(
            call.store, id_, addon, quantity=body["quantity"], timing=timing, metadata=body.get("metadata")
        )
    return Reply(200, _shown(call, made, required_subscription(call.store, id_)))


def list_subscription_addons(call: Call) -> Reply:
    subscription = required_subscription(call.store, call.path["subscriptionId"])
    found = addons_of_subscription(call.store, subscription["id"])
    return Reply(200, [_shown(call, addon, subscription) for addon in found])


def get_subscription_addon(call: Call) -> Reply:
    """Whether it belongs to the subscription does not matter."""
    found = required_subscription_addon(call.store, call.path["subscriptionAddonId"])
    return Reply(200, _shown(call, found, required_subscription(call.store, call.path["subscriptionId"])))


def update_subscription_addon(call: Call) -> Reply:
    """Timing and quantity are needed, though the contract does not say so."""
    timing, quantity = call.body.get("timing"), call.body.get("quantity")
    if timing is None or quantity is None:
        raise InternalFailure("timing and quantity are required")
    id_ = call.path["subscriptionId"]
    addon_id = call.path["subscriptionAddonId"]
    changed = change_quantity(call.store, id_, addon_id, quantity=quantity, timing=timings.read(timing))
    return Reply(200, _shown(call, changed, required_subscription(call.store, id_)))


def _shown(call: Call, found: SubscriptionAddon, subscription: Subscription) -> dict[str, object]:
    addon = required_addon(call.store, found["addonId"], call.settings.namespace)
    return shown(found, addon, subscription, call.store.now())


ROUTES = (
    Route("createSubscriptionAddon", create_subscription_addon),
    Route("listSubscriptionAddons", list_subscription_addons),
    Route("getSubscriptionAddon", get_subscription_addon),
    Route("updateSubscriptionAddon", update_subscription_addon),
)
