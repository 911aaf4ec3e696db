"""Rating one line: its detailed lines, its quantities and its totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from devkit.embedded.domain.billing.lines import Child, Line, is_flat
from devkit.embedded.domain.billing.rating import adjustments
from devkit.embedded.domain.billing.rating.adjustments import NO_USAGE, Usage
from devkit.embedded.domain.billing.rating.details import Detail, Totals, detail, sum_of
from devkit.embedded.domain.billing.rating.money import EXACT, ZERO, rounded
from devkit.embedded.domain.billing.rating.prices import details_of
from devkit.embedded.domain.billing.rating.remainders import remaining

_DEFAULT_TERM = "in_advance"


class NegativeUsage(ValueError):  # noqa: N818 - a state of the meter, named as such
    """A meter that went below zero has no price."""


@dataclass(frozen=True)
class Metered:
    """What the meter counted from the start of the charge of a line to the end of the line.

    before: of that, what the parts before the line counted when they were billed
    """

    total: Decimal
    before: Decimal = ZERO


@dataclass(frozen=True)
class Rated:
    """What a line costs.

    metered:    of the line itself; none for a flat fee
    discounted: what the usage discount takes of it
    """

    details: tuple[Detail, ...]
    metered: Usage | None = None
    discounted: Usage = NO_USAGE

    @property
    def totals(self) -> Totals:
        with localcontext(EXACT):
            return sum_of(each.totals for each in self.details)

    @property
    def takes_back(self) -> bool:
        """Whether a detailed line has a negative quantity, which OpenMeter can show but not invoice."""
        return any(each.quantity < 0 for each in self.details)


def rate(
    line: Line, metered: Metered | None = None, billed: Sequence[Sequence[Child]] = (), *, final: bool = True
) -> Rated:
    """What the line costs.

    metered: for all prices but flat ones
    billed:  the children of each earlier part of the same charge, by time
    final:   whether the charge ends with the line; the minimum spend is due only then
    Raises NegativeUsage.
    """
    with localcontext(EXACT):
        if is_flat(line):
            return Rated((_fee(line),))
        if metered is None:
            raise ValueError("a metered line has no price without its usage")
        usage = _usage(metered)
        discounts = line.get("discounts", {})
        details = _metered_details(line, metered.total, final=final)
        return Rated(tuple(remaining(details, billed)), usage, adjustments.taken_off(usage, discounts))


def _usage(metered: Metered) -> Usage:
    if metered.total < 0:
        raise NegativeUsage("metered quantity must be zero or positive")
    return Usage(metered.total - metered.before, metered.before)


def _metered_details(line: Line, metered: Decimal, *, final: bool) -> list[Detail]:
    price, currency, discounts = line["price"], line["currency"], line.get("discounts", {})
    quantity = metered - adjustments.taken_off(Usage(metered), discounts).quantity
    details = details_of(price, line["name"], quantity, currency)
    details = adjustments.less_percentage(details, discounts, currency)
    details = adjustments.capped(details, price, currency)
    return adjustments.topped_up(details, price, line["name"], currency) if final else details


def _fee(line: Line) -> Detail:
    price: Mapping[str, Any] = line["price"]
    amount = rounded(Decimal(price["amount"]), line["currency"])
    fee = detail("flat-price", line["name"], Decimal(1), amount, line["currency"])
    discounted = adjustments.less_percentage([fee], line.get("discounts", {}), line["currency"])[0]
    return replace(discounted, payment_term=price.get("paymentTerm", _DEFAULT_TERM))
