"""Amounts: minor units, and how descriptions write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.currencies import CURRENCIES
from devkit.embedded.domain.stripe_app.amounts import minor_units, quantity, written

CODES = st.sampled_from([str(row["code"]) for row in CURRENCIES])
PRICES = st.decimals("0.001", 9_000_000, places=9)  # smaller ones lose digits, as in OpenMeter


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("10.005", "USD", 1001), ("-10.005", "USD", -1001), ("2.5", "JPY", 3), ("1.2345", "BHD", 1235), ("0", "EUR", 0)],
)
def test_minor_units_are_whole_with_halves_away_from_zero(amount: str, currency: str, units: int) -> None:
    assert minor_units(Decimal(amount), currency) == units


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("3", "USD", "$3"),
        ("1500", "USD", "$1,500"),
        ("0.02", "USD", "$0.02000000000"),
        ("0.1", "USD", "$0.100000000000"),
        ("0.001", "USD", "$0.0010000000"),
        ("2.5", "JPY", "¥2.5000000000000"),
        ("-3", "USD", "$-3"),
        ("1500", "EUR", "€1.500"),
        ("0.1", "EUR", "€0,100000000000"),
        ("3", "CHF", "CHF 3"),
        ("1500", "SEK", "1 500 kr"),
        ("3", "AED", "3 د.إ"),
    ],
)
def test_descriptions_write_amounts_as_their_currency_does(amount: str, currency: str, text: str) -> None:
    assert written(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1500", "1,500"), ("2.50", "2.50"), ("1234.567", "1,234.57"), ("-2", "-2")]
)
def test_quantities_have_two_decimals_where_they_are_not_whole(value: str, text: str) -> None:
    assert quantity(Decimal(value)) == text


@given(PRICES, CODES)
def test_nothing_of_a_price_is_lost(amount: Decimal, currency: str) -> None:
    digits = [character for character in written(amount, currency) if character in "0123456789"]
    shown = int("".join(digits))
    decimals = len(digits) - len(str(int(amount)))
    assert Decimal(shown).scaleb(-decimals) == amount


@given(st.lists(st.decimals(-1000, 1000, places=2), max_size=20))
def test_minor_units_of_rounded_amounts_add_up(amounts: list[Decimal]) -> None:
    assert sum(minor_units(amount, "USD") for amount in amounts) == minor_units(sum(amounts, Decimal(0)), "USD")
