"""What Billing says of a price that makes no sense."""

from collections.abc import Iterable
from decimal import Decimal

from devkit.embedded.domain.catalog import prices
from devkit.embedded.domain.catalog.prices import Price

_TIER_PARTS = (("flatPrice", "invalid FlatPrice in PriceTier"), ("unitPrice", "invalid UnitPrice in PriceTier"))
_FREE: Price = {"flatPrice": {"type": "flat", "amount": "0"}, "unitPrice": None}
_NO_BOUND = "0"
_NEGATIVE = "validation error: the Amount must not be negative"


def price_problem(price: Price) -> str:
    """All that is wrong with a price, a line each; empty where nothing is."""
    found = list(_tiered(price)) if price["type"] == "tiered" else [issue.message for issue in prices.issues(price)]
    return "validation error: " + "\n".join(found) if found else ""


def _tiered(price: Price) -> Iterable[str]:
    """As the catalog says it, but what is wrong inside of a tier stands behind the name of its place."""
    seen = set()
    for tier in price["tiers"]:
        bound = tier.get("upToAmount", _NO_BOUND)
        if bound in seen:
            yield "multiple PriceTiers with same UpToAmount are not allowed"
            continue
        seen |= {bound} - {_NO_BOUND}
        yield from _tier(tier)
    open_ended = [_FREE for tier in price["tiers"] if "upToAmount" not in tier]
    yield from (issue.message for issue in prices.issues({**price, "tiers": open_ended[:1]}))


def _tier(tier: Price) -> Iterable[str]:
    found = []
    if Decimal(tier.get("upToAmount", "0")) < 0:
        found.append("the UpToAmount must not be negative")
    if tier["flatPrice"] is None and tier["unitPrice"] is None:
        found.append("either FlatPrice or UnitPrice must be provided in PriceTier")
    for name, words in _TIER_PARTS:
        if tier[name] is not None and Decimal(tier[name]["amount"]) < 0:
            found.append(f"{words}: {_NEGATIVE}")
    if found:
        yield "invalid PriceTier: validation error: " + "\n".join(found)
