"""The prices of rate cards: flat, unit, tiered, dynamic and package, in the form of the API.

Amounts are numerics. A flat price of a usage based rate card may have no payment term; it is shown as in_advance.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from devkit.embedded.domain import numerics
from devkit.embedded.domain.issues import Issue

Price = dict[str, Any]

IN_ADVANCE = "in_advance"
FLAT = "flat"
_DEFAULT_MULTIPLIER = "1"


def read(given: Mapping[str, Any]) -> Price:
    """The price as it is kept."""
    kind = given["type"]
    if kind == "tiered":
        price = {"type": kind, "mode": given["mode"], "tiers": [_tier(tier) for tier in given["tiers"]]}
    else:
        price = {"type": kind} | {name: numerics.text(given[name]) for name in _AMOUNTS[kind] if name in given}
    if kind == FLAT:
        return price | ({"paymentTerm": given["paymentTerm"]} if "paymentTerm" in given else {})
    if price.get("multiplier") == _DEFAULT_MULTIPLIER:
        del price["multiplier"]
    return price | {name: numerics.text(given[name]) for name in ("minimumAmount", "maximumAmount") if name in given}


def shown(price: Price) -> Price:
    """The price as answers show it."""
    return price if price["type"] != FLAT else {"paymentTerm": IN_ADVANCE} | price


def issues(price: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with the structure of a price; all of it is critical."""
    return [Issue(message) for message in _RULES[price["type"]](price)]


def _flat(price: Mapping[str, Any]) -> Iterable[str]:
    yield from _negative(price, "amount", "the Amount must not be negative")


def _unit(price: Mapping[str, Any]) -> Iterable[str]:
    yield from _flat(price)
    yield from _commitments(price)


def _tiered(price: Mapping[str, Any]) -> Iterable[str]:
    seen = set()
    for tier in price["tiers"]:
        amount = tier.get("upToAmount", "0")
        if amount in seen:
            yield "multiple PriceTiers with same UpToAmount are not allowed"
            continue
        if amount != "0":
            seen.add(amount)
        yield from _tier_problems(tier)
    if all("upToAmount" in tier for tier in price["tiers"]):
        yield "at least one PriceTier must be open-ended"
    yield from _commitments(price)


def _tier_problems(tier: Mapping[str, Any]) -> Iterable[str]:
    yield from _negative(tier, "upToAmount", "the UpToAmount must not be negative")
    parts = [part for part in (tier["flatPrice"], tier["unitPrice"]) if part is not None]
    if not parts:
        yield "either FlatPrice or UnitPrice must be provided in PriceTier"
    for part in parts:
        yield from _flat(part)


def _dynamic(price: Mapping[str, Any]) -> Iterable[str]:
    yield from _negative(price, "multiplier", "the markup rate must not be less than 0")
    yield from _commitments(price)


def _package(price: Mapping[str, Any]) -> Iterable[str]:
    yield from _flat(price)
    yield from _negative(price, "quantityPerPackage", "the QuantityPerPackage must not be negative")
    if price["quantityPerPackage"] == "0":
        yield "the QuantityPerPackage must not be zero"
    yield from _commitments(price)


def _commitments(price: Mapping[str, Any]) -> Iterable[str]:
    """Zero counts as unset where the two are compared."""
    yield from _negative(price, "minimumAmount", "the MinimumAmount must not be negative")
    yield from _negative(price, "maximumAmount", "the MaximumAmount must not be negative")
    least, most = (Decimal(price.get(name, "0")) for name in ("minimumAmount", "maximumAmount"))
    if least and most and least > most:
        yield "the MinimumAmount must not be greater than MaximumAmount"


def _negative(of: Mapping[str, Any], name: str, problem: str) -> Iterable[str]:
    if Decimal(of.get(name, "0")) < 0:
        yield problem


_AMOUNTS = {
    "flat": ("amount",),
    "unit": ("amount",),
    "dynamic": ("multiplier",),
    "package": ("amount", "quantityPerPackage"),
}
_RULES: dict[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "flat": _flat,
    "unit": _unit,
    "tiered": _tiered,
    "dynamic": _dynamic,
    "package": _package,
}


def _tier(given: Mapping[str, Any]) -> dict[str, Any]:
    tier: dict[str, Any] = {name: _part(given.get(name)) for name in ("flatPrice", "unitPrice")}
    return tier | ({"upToAmount": numerics.text(given["upToAmount"])} if "upToAmount" in given else {})


def _part(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else {"type": given["type"], "amount": numerics.text(given["amount"])}
