"""Prices that make no sense."""

from typing import Any

import pytest

from devkit.embedded.domain.billing.price_problems import price_problem

ONE = {"type": "unit", "amount": "1"}
OPEN = {"flatPrice": None, "unitPrice": ONE}
NEGATIVE = {"type": "flat", "amount": "-1"}


def tiered(*tiers: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"type": "tiered", "mode": "graduated", "tiers": list(tiers), **more}


@pytest.mark.parametrize(
    "price",
    [
        {"type": "flat", "amount": "0"},
        {"type": "unit", "amount": "1", "minimumAmount": "1", "maximumAmount": "2"},
        {"type": "dynamic"},
        {"type": "package", "amount": "1", "quantityPerPackage": "10"},
        tiered({"upToAmount": "10", "flatPrice": None, "unitPrice": ONE}, OPEN),
    ],
)
def test_a_sound_price_has_no_problem(price: dict[str, Any]) -> None:
    assert price_problem(price) == ""


@pytest.mark.parametrize(
    ("price", "problem"),
    [
        (NEGATIVE, "the Amount must not be negative"),
        ({"type": "dynamic", "multiplier": "-1"}, "the markup rate must not be less than 0"),
        (
            {"type": "package", "amount": "1", "quantityPerPackage": "0"},
            "the QuantityPerPackage must not be zero",
        ),
        (
            {**ONE, "minimumAmount": "2", "maximumAmount": "1"},
            "the MinimumAmount must not be greater than MaximumAmount",
        ),
        (
            tiered({"upToAmount": "10", "flatPrice": None, "unitPrice": ONE}),
            "at least one PriceTier must be open-ended",
        ),
        (
            tiered({"upToAmount": "10", **OPEN}, {"upToAmount": "10", **OPEN}, OPEN),
            "multiple PriceTiers with same UpToAmount are not allowed",
        ),
        (
            tiered({"upToAmount": "10", "flatPrice": None, "unitPrice": None}, OPEN),
            "invalid PriceTier: validation error: either FlatPrice or UnitPrice must be provided in PriceTier",
        ),
        (
            tiered({"upToAmount": "-1", **OPEN}, OPEN),
            "invalid PriceTier: validation error: the UpToAmount must not be negative",
        ),
        (
            tiered({"flatPrice": NEGATIVE, "unitPrice": None}),
            (
                "invalid PriceTier: validation error: invalid FlatPrice in PriceTier: "
                "validation error: the Amount must not be negative"
            ),
        ),
        (
            tiered(OPEN, minimumAmount="-1"),
            "the MinimumAmount must not be negative",
        ),
    ],
)
def test_problems_are_told_with_their_place(price: dict[str, Any], problem: str) -> None:
    assert price_problem(price) == f"validation error: {problem}"
