"""Amounts of money: exact decimals, rounded to the minor unit of their currency, half away from zero."""

from decimal import ROUND_HALF_UP, Context, Decimal

from devkit.embedded.domain.currencies import CURRENCIES

#: The context to rate in: wide enough for every product of two numerics.
EXACT = Context(prec=2_000, rounding=ROUND_HALF_UP)
ZERO = Decimal(0)
_UNITS = {str(currency["code"]): Decimal(1).scaleb(-int(currency["subunits"])) for currency in CURRENCIES}
_RATIO = Decimal(1).scaleb(-16)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount to the minor unit of the currency."""
    return amount.quantize(_UNITS[currency], context=EXACT)


def ratio(part: int, whole: int) -> Decimal:
    """A share as OpenMeter computes it: to 16 decimals, half away from zero."""
    return EXACT.divide(Decimal(part), Decimal(whole)).quantize(_RATIO, context=EXACT)
