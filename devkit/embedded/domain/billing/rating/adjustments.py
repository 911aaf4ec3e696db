"""What is done to a price: usage discounts before it, percentage discounts and spend commitments after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.rating.details import Detail, commitment, sum_of
from devkit.embedded.domain.billing.rating.money import ZERO, rounded

_PERCENT = Decimal("0.01")


@dataclass(frozen=True)
class Usage:
    """Quantities: of a line, and of the parts of its charge before it."""

    quantity: Decimal
    before: Decimal = ZERO


NO_USAGE = Usage(ZERO)


def taken_off(usage: Usage, discounts: Mapping[str, Any]) -> Usage:
    """What the usage discount takes of each: it is used up from the start of the charge on."""
    if "usage" not in discounts:
        return NO_USAGE
    available = Decimal(str(discounts["usage"]["quantity"]))
    before = min(available, usage.before)
    return Usage(min(available - before, usage.quantity), before)


def less_percentage(details: Sequence[Detail], discounts: Mapping[str, Any], currency: str) -> list[Detail]:
    """The percentage discount, rounded for each of them."""
    if "percentage" not in discounts:
        return list(details)
    share = Decimal(str(discounts["percentage"]["percentage"])) * _PERCENT
    return [each.discounted(rounded(each.totals.total * share, currency)) for each in details]


def capped(details: Sequence[Detail], price: Mapping[str, Any], currency: str) -> list[Detail]:
    """The maximum spend: what lies above it is discounted where it arises."""
    if price.get("maximumAmount") is None:
        return list(details)
    room = rounded(Decimal(price["maximumAmount"]), currency)
    found = []
    for each in details:
        over = each.totals.total - room
        kept = each.discounted(min(over, each.totals.total)) if over > 0 else each
        room = max(room - kept.totals.total, ZERO)
        found.append(kept)
    return found


def topped_up(details: Sequence[Detail], price: Mapping[str, Any], name: str, currency: str) -> list[Detail]:
    """The minimum spend: what is missing to it is a detailed line of its own."""
    if price.get("minimumAmount") is None:
        return list(details)
    missing = Decimal(price["minimumAmount"]) - sum_of(each.totals for each in details).total
    if missing <= 0:
        return list(details)
    return [*details, commitment("min-spend", f"{name}: minimum spend", rounded(missing, currency))]
