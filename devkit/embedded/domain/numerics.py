"""Numeric values: JSON strings of decimal digits, of any length and without rounding."""

from decimal import Decimal


def text(given: str) -> str:
    """How OpenMeter echoes a numeric: no leading zeros, no trailing zeros of a fraction, zero without a sign."""
    return of_decimal(Decimal(given))


def of_decimal(value: Decimal) -> str:
    """The text of a decimal in full, without an exponent."""
    if not value:
        return "0"
    written = format(value, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
