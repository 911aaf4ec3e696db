"""Numerics: how decimal texts are echoed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain import numerics

TEXTS = st.from_regex(r"\A-?[0-9]{1,30}(\.[0-9]{1,30})?\Z")


@pytest.mark.parametrize(
    ("given", "echoed"),
    [("10.00", "10"), ("007", "7"), ("-0", "0"), ("-0.000", "0"), ("1.50", "1.5"), ("100", "100"), ("-01.10", "-1.1")],
)
def test_numerics_lose_what_says_nothing(given: str, echoed: str) -> None:
    assert numerics.text(given) == echoed


@given(TEXTS)
def test_no_digit_that_counts_is_lost(text: str) -> None:
    assert Decimal(numerics.text(text)) == Decimal(text)


@given(TEXTS)
def test_what_was_echoed_is_echoed_as_it_is(text: str) -> None:
    assert numerics.text(numerics.text(text)) == numerics.text(text)


def test_thousands_of_digits_stay() -> None:
    digits = "9" * 9000 + ".5"
    assert numerics.text(digits + "0") == digits
