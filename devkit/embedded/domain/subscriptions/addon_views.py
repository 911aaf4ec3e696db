"""How answers show the add-ons of subscriptions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain.catalog import rate_cards
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.subscriptions.addon_quantities import Addon, Instance, instances
from devkit.embedded.domain.subscriptions.documents import span_document
from devkit.embedded.domain.subscriptions.spans import Span


def shown(
    subscription_addon: Mapping[str, Any], addon: Addon, subscription: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """A SubscriptionAddon. addon: what it is one of, whose name and description it has."""
    found = instances(subscription_addon)
    body = {name: subscription_addon[name] for name in ("id", "createdAt", "updatedAt", "subscriptionId")}
    optional = {"metadata": subscription_addon.get("metadata"), "description": addon.get("description")}
    body |= {name: value for name, value in optional.items() if value is not None}
    return body | {
        "name": addon["name"],
        "addon": {name: addon[name] for name in ("id", "instanceType", "key", "version")},
        "activeFrom": text_of(found[0].span.start),
        "quantity": next((one.quantity for one in found if one.span.contains(now)), 0),
        "quantityAt": text_of(now),
        "timeline": [span_document(one.span) | {"quantity": one.quantity} for one in found],
        "rateCards": [_card(card, subscription, found) for card in addon["rateCards"]],
    }


def _card(card: Mapping[str, Any], subscription: Mapping[str, Any], found: Sequence[Instance]) -> dict[str, Any]:
    """The card with the items that it changes; None instead of a list where nothing meets the add-on in time."""
    met = [
        item
        for phase in subscription["phases"]
        for item in phase["items"]
        if any(one.quantity and one.span.common(_span(item)) is not None for one in found)
    ]
    ids = [item["id"] for item in met if item["key"] == card["key"]]
    return {"rateCard": rate_cards.shown(dict(card)), "affectedSubscriptionItemIds": ids if met else None}


def _span(item: Mapping[str, Any]) -> Span:
    return Span(instant(item["activeFrom"]), instant(item["activeTo"]) if "activeTo" in item else None)
