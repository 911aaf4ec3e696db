"""What one of an add-on adds to a rate card of the same key, and how that is taken away again."""

from decimal import Decimal
from typing import Any

from devkit.embedded.domain import numerics
from devkit.embedded.domain.catalog import prices
from devkit.embedded.domain.catalog.entitlement_templates import METERED
from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.subscriptions.spec import Item

_BOOLEAN = "boolean"


def add(item: Item, card: RateCard) -> None:
    """Adds the card of an add-on to the item, once."""
    changed = dict(item.rate_card)
    if card["price"] is not None:
        changed["price"] = _summed_price(changed["price"], card["price"], 1)
    if "entitlementTemplate" in card:
        changed["entitlementTemplate"] = _given(item, changed.get("entitlementTemplate"), card["entitlementTemplate"])
    if "usage" in card.get("discounts", {}):
        changed["discounts"] = _summed_discounts(changed.get("discounts", {}), card["discounts"], 1)
    item.rate_card = changed


def take_away(item: Item, card: RateCard) -> None:
    """Takes the card of an add-on from the item, once. Raises InternalFailure where it is not in it."""
    changed = dict(item.rate_card)
    if card["price"] is not None:
        changed["price"] = _summed_price(changed["price"], card["price"], -1)
    if "entitlementTemplate" in card:
        template = _taken(item, changed.pop("entitlementTemplate", None), card["entitlementTemplate"])
        changed |= {"entitlementTemplate": template} if template is not None else {}
    if "usage" in card.get("discounts", {}):
        changed["discounts"] = _summed_discounts(changed.get("discounts", {}), card["discounts"], -1)
    item.rate_card = changed


def is_left_over(item: Item) -> bool:
    """Whether nothing is left of an item that was there for an add-on alone."""
    price, template = item.rate_card["price"], item.rate_card.get("entitlementTemplate")
    if item.own or (price is not None and (price["type"] != prices.FLAT or Decimal(price["amount"]))):
        return False
    if template is None or template["type"] == _BOOLEAN:
        return True
    return bool(template["type"] == METERED and not template.get("issueAfterReset"))


def _summed_price(mine: prices.Price | None, theirs: prices.Price, sign: int) -> prices.Price | None:
    """A price by usage comes and goes as a whole."""
    if mine is None:
        if sign < 0:
            raise InternalFailure("the item has no price that could be taken away")
        return theirs
    if mine["type"] != prices.FLAT:
        if sign < 0:
            return None
        raise InternalFailure("only flat prices add up")
    amount = Decimal(mine["amount"]) + sign * Decimal(theirs["amount"])
    if amount < 0:
        raise InternalFailure("a price would become negative")
    return {**mine, "amount": numerics.text(format(amount, "f"))}


def _given(item: Item, mine: dict[str, Any] | None, theirs: dict[str, Any]) -> dict[str, Any]:
    if mine is None:
        item.grants_count = 1
        return theirs
    if mine["type"] == _BOOLEAN:
        item.grants_count += 1
        return mine
    if mine["type"] != METERED:
        raise InternalFailure("static entitlements do not add up")
    return {**mine, "issueAfterReset": mine.get("issueAfterReset", 0) + theirs.get("issueAfterReset", 0)}


def _taken(item: Item, mine: dict[str, Any] | None, theirs: dict[str, Any]) -> dict[str, Any] | None:
    if mine is None:
        raise InternalFailure("the item has no entitlement that could be taken away")
    if mine["type"] == _BOOLEAN:
        item.grants_count -= 1
        return mine if item.grants_count > 0 else None
    if mine["type"] != METERED:
        return None
    amount = mine.get("issueAfterReset", 0) - theirs.get("issueAfterReset", 0)
    if amount < 0:
        raise InternalFailure("a grant would become negative")
    return {**mine, "issueAfterReset": amount}


def _summed_discounts(mine: dict[str, Any], theirs: dict[str, Any], sign: int) -> dict[str, Any]:
    quantity = Decimal(mine.get("usage", {}).get("quantity", "0")) + sign * Decimal(theirs["usage"]["quantity"])
    if quantity < 0:
        raise InternalFailure("a discount would become negative")
    return {**mine, "usage": {"quantity": numerics.text(format(quantity, "f"))}}
