"""Fees for a part of their period, counted in microseconds and rounded before as well as after the share is taken.

A line that a subscription with pro-rating made keeps the period that a fee is for as `fullPeriod`. Whoever edits its
fee says what it is for all of that period, even where it was a share before.
"""

from datetime import timedelta
from decimal import Decimal, localcontext

from devkit.embedded.domain.billing.lines import Line
from devkit.embedded.domain.billing.rating.money import EXACT, ratio, rounded
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.numerics import of_decimal

_MICROSECOND = timedelta(microseconds=1)


def share_of_fee(amount: Decimal, currency: str, length: timedelta, full: timedelta) -> Decimal:
    """What a fee comes to for so much of its full period; never more than all of it, and all of it for an instant."""
    with localcontext(EXACT):
        whole = rounded(amount, currency)
        if not length or length >= full:
            return whole
        return rounded(whole * ratio(length // _MICROSECOND, full // _MICROSECOND), currency)


def with_share_of_fee(line: Line) -> Line:
    """The line of an edited fee, with its price for the period that the line has."""
    if "fullPeriod" not in line or "amount" not in line["price"]:
        return line
    amount = share_of_fee(
        Decimal(line["price"]["amount"]), line["currency"], _length(line["period"]), _length(line["fullPeriod"])
    )
    return {**line, "price": {**line["price"], "amount": of_decimal(amount)}}


def _length(period: dict[str, str]) -> timedelta:
    return instant(period["to"]) - instant(period["from"])
