"""The detailed lines of each type of price, for all that was used since the start of the line."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.rating.details import Detail, detail
from devkit.embedded.domain.billing.rating.money import ZERO, rounded

Price = Mapping[str, Any]
Tier = Mapping[str, Any]
_ONE = Decimal(1)


def details_of(price: Price, name: str, quantity: Decimal, currency: str) -> list[Detail]:
    """The components of a metered price at this quantity, none of them discounted; some may cost nothing.

    name: of the line
    """
    return list(_PRICERS[price["type"]](price, name, quantity, currency))


def _unit(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    if quantity > 0:
        yield detail("unit-price-usage", f"{name}: usage in period", quantity, Decimal(price["amount"]), currency)


def _dynamic(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    if quantity > 0:
        amount = rounded(quantity * Decimal(price.get("multiplier", "1")), currency)
        yield detail("usage", f"{name}: usage in period", _ONE, amount, currency)


def _package(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    whole, rest = divmod(quantity, Decimal(price["quantityPerPackage"]))
    packages = whole + 1 if rest else whole
    if packages:
        yield detail("usage", f"{name}: usage in period", packages, Decimal(price["amount"]), currency)


def _tiered(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    return (_volume if price["mode"] == "volume" else _graduated)(price, name, quantity, currency)


def _volume(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    tiers = enumerate(_sorted_tiers(price), start=1)
    number, tier = next((number, tier) for number, tier in tiers if quantity <= _bound(tier))
    if flat := tier.get("flatPrice"):
        label = f"{name}: flat price for tier {number}"
        yield detail("volume-flat-price", label, _ONE, Decimal(flat["amount"]), currency)
    if (unit := tier.get("unitPrice")) and quantity:
        label = f"{name}: unit price for tier {number}"
        yield detail("volume-tiered-price", label, quantity, Decimal(unit["amount"]), currency)


def _graduated(price: Price, name: str, quantity: Decimal, currency: str) -> Iterator[Detail]:
    for number, tier, used in _entered_tiers(price, quantity):
        if unit := tier.get("unitPrice"):
            label = f"{name}: usage price for tier {number}"
            reference = f"graduated-tiered-{number}-price-usage"
            yield detail(reference, label, used, Decimal(unit["amount"]), currency)
        if flat := tier.get("flatPrice"):
            label = f"{name}: flat price for tier {number}"
            yield detail(f"graduated-tiered-{number}-flat-price", label, _ONE, Decimal(flat["amount"]), currency)


def _entered_tiers(price: Price, quantity: Decimal) -> Iterator[tuple[int, Tier, Decimal]]:
    """Number, tier and units in it of the tiers that the quantity reaches into.

    Without usage it is the first tier of the request, sorted or not.
    """
    if not quantity:
        yield 1, price["tiers"][0], ZERO
    start = ZERO
    for number, tier in enumerate(_sorted_tiers(price), start=1):
        if start >= quantity:
            return
        end = min(_bound(tier), quantity)
        yield number, tier, end - start
        start = end


def _sorted_tiers(price: Price) -> list[Tier]:
    return sorted(price["tiers"], key=_bound)


def _bound(tier: Tier) -> Decimal:
    """Where the tier ends; the open-ended one never does."""
    bound = tier.get("upToAmount")
    return Decimal("Infinity") if bound is None else Decimal(bound)


_PRICERS: Mapping[str, Callable[[Price, str, Decimal, str], Iterator[Detail]]] = {
    "unit": _unit,
    "dynamic": _dynamic,
    "package": _package,
    "tiered": _tiered,
}
