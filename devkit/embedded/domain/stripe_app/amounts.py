"""Amounts as Stripe takes them, in the minor unit of their currency, and as the descriptions of items write them."""

from decimal import ROUND_HALF_UP, Context, Decimal

from devkit.embedded.domain.currencies import CURRENCIES

_ROWS = {str(row["code"]): row for row in CURRENCIES}
#: The currencies whose symbol stands before the number; after it and a space it stands with all others.
_SYMBOL_FIRST = """
ANG ARS AUD AZN BAM BBD BDT BHD BMD BND BOB BRL BSD BWP BZD CAD CHF CLF CLP CNY COP CRC CUP DOP
EGP EUR GBP GHS GIP GTQ HKD HNL IDR ILS INR IRR JMD JOD JPY KES KRW KWD KYD LBP MGA MUR MXN MYR
MZN NGN NIO NPR NZD OMR PAB PEN PHP PKR PYG RSD SAR SDG SGD SKK SVC SZL THB TOP TRY TWD TZS USD
UYU VES VUV XCD ZAR ZMW
"""
#: Decimal mark and thousands separator, where they are not a point and a comma.
_MARKS = {
    **dict.fromkeys(
        (
            "ANG",
            "ARS",
            "BRL",
            "CLF",
            "CLP",
            "COP",
            "CRC",
            "DKK",
            "EUR",
            "IDR",
            "ISK",
            "MZN",
            "NOK",
            "PEN",
            "RON",
            "RUB",
            "TRY",
            "UYU",
            "VES",
            "VND",
        ),
        (",", "."),
    ),
    **dict.fromkeys(("BYN", "BYR", "CZK", "HUF", "PLN", "SEK", "ZAR"), (",", " ")),
    "CHF": (".", "'"),
}
#: Prices are stored with this many decimals; how many of them are written goes by the digits of the whole.
_STORED_DECIMALS = 12
_EXACT = Context(prec=60)


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in whole minor units, halves rounded away from zero."""
    scaled = amount.scaleb(int(_ROWS[currency]["subunits"]), _EXACT)
    return int(scaled.to_integral_value(ROUND_HALF_UP))


def written(amount: Decimal, currency: str) -> str:
    """With the symbol of the currency: whole numbers as `$3`, others as `$0.02000000000`.

    As in OpenMeter a number that is not whole gets as many decimals as its twelve-decimal form has digits.
    """
    row = _ROWS[currency]
    decimal_mark, separator = _MARKS.get(currency, (".", ","))
    whole, _, fraction = _digits(abs(amount)).partition(".")
    grouped = f"{int(whole):,}".replace(",", separator)
    number = f"{'-' if amount < 0 else ''}{grouped}{decimal_mark if fraction else ''}{fraction}"
    if currency not in _SYMBOL_FIRST.split():
        return f"{number} {row['symbol']}"
    return f"{row['symbol']}{' ' if currency == 'CHF' else ''}{number}"


def quantity(value: Decimal) -> str:
    """With thousands separators, and with two decimals where it is not whole."""
    return f"{int(value):,}" if value == value.to_integral_value() else f"{value:,.2f}"


def _digits(amount: Decimal) -> str:
    if amount == amount.to_integral_value():
        return str(int(amount))
    stored = int(amount.scaleb(_STORED_DECIMALS, _EXACT))
    return f"{amount:.{len(str(stored))}f}"
