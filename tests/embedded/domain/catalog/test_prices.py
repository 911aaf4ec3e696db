"""Prices: what is kept of them, how they are shown, and what is wrong with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.catalog import prices

AMOUNTS = st.decimals(-5, 5, places=2).map(str)
OPEN = {"flatPrice": None, "unitPrice": {"type": "unit", "amount": "1"}}
TIERS = st.lists(
    st.fixed_dictionaries(
        {
            "flatPrice": st.none() | st.fixed_dictionaries({"type": st.just("flat"), "amount": AMOUNTS}),
            "unitPrice": st.none() | st.fixed_dictionaries({"type": st.just("unit"), "amount": AMOUNTS}),
        },
        optional={"upToAmount": AMOUNTS},
    ),
    min_size=1,
    max_size=5,
)


def tiered(*tiers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "tiered", "mode": "volume", "tiers": list(tiers), **more}


def problems(given: dict[str, Any]) -> list[str]:
    found = prices.issues(prices.read(given))
    assert all((issue.severity, issue.code, issue.field, issue.status) == ("critical", "", "", None) for issue in found)
    return [issue.message for issue in found]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"type": "flat", "amount": "-0.01"}, ["the Amount must not be negative"]),
        ({"type": "flat", "amount": "0"}, []),
        (
            {"type": "unit", "amount": "-1", "minimumAmount": "-1"},
            ["the Amount must not be negative", "the MinimumAmount must not be negative"],
        ),
        (
            {"type": "unit", "amount": "1", "minimumAmount": "5", "maximumAmount": "4.99"},
            ["the MinimumAmount must not be greater than MaximumAmount"],
        ),
        ({"type": "unit", "amount": "1", "minimumAmount": "5", "maximumAmount": "0"}, []),
        ({"type": "unit", "amount": "1", "maximumAmount": "-5"}, ["the MaximumAmount must not be negative"]),
        ({"type": "dynamic", "multiplier": "-1"}, ["the markup rate must not be less than 0"]),
        ({"type": "dynamic"}, []),
        ({"type": "package", "amount": "1", "quantityPerPackage": "0.0"}, ["the QuantityPerPackage must not be zero"]),
        (
            {"type": "package", "amount": "1", "quantityPerPackage": "-2"},
            ["the QuantityPerPackage must not be negative"],
        ),
        (tiered({"upToAmount": "5", **OPEN}), ["at least one PriceTier must be open-ended"]),
        (tiered(OPEN, OPEN), []),
        (tiered({"upToAmount": "0", **OPEN}, {"upToAmount": "0", **OPEN}, OPEN), []),
        (
            tiered({"upToAmount": "10", **OPEN}, {"upToAmount": "10.0", **OPEN}, OPEN),
            ["multiple PriceTiers with same UpToAmount are not allowed"],
        ),
        (
            tiered({"flatPrice": None, "unitPrice": None}),
            ["either FlatPrice or UnitPrice must be provided in PriceTier"],
        ),
        (tiered({"upToAmount": "-1", **OPEN}, OPEN), ["the UpToAmount must not be negative"]),
        (
            tiered({"flatPrice": {"type": "flat", "amount": "-1"}, "unitPrice": {"type": "unit", "amount": "-1"}}),
            ["the Amount must not be negative"] * 2,
        ),
    ],
)
def test_structural_rules(given: dict[str, Any], found: list[str]) -> None:
    assert problems(given) == found


@given(TIERS)
def test_the_order_of_tiers_does_not_matter(tiers: list[dict[str, Any]]) -> None:
    forward, backward = problems(tiered(*tiers)), problems(tiered(*reversed(tiers)))
    repeated = "multiple PriceTiers with same UpToAmount are not allowed"
    assert forward.count(repeated) == backward.count(repeated)
    if repeated not in forward:
        assert sorted(forward) == sorted(backward)


@given(TIERS)
def test_tiers_are_kept_in_the_order_given(tiers: list[dict[str, Any]]) -> None:
    kept = prices.read(tiered(*tiers))["tiers"]
    assert ["upToAmount" in tier for tier in kept] == ["upToAmount" in tier for tier in tiers]
    assert [tier["flatPrice"] is None for tier in kept] == [tier["flatPrice"] is None for tier in tiers]


def test_amounts_are_trimmed_and_nothing_else_is_kept() -> None:
    given = {"type": "package", "amount": "5.00", "quantityPerPackage": "0100", "minimumAmount": "1.10", "own": 1}
    assert prices.read(given) == {
        "type": "package",
        "amount": "5",
        "quantityPerPackage": "100",
        "minimumAmount": "1.1",
    }


def test_a_multiplier_of_one_says_nothing() -> None:
    assert prices.read({"type": "dynamic", "multiplier": "1.0"}) == {"type": "dynamic"}


def test_a_flat_price_is_shown_with_its_payment_term() -> None:
    price = prices.read({"type": "flat", "amount": "1"})
    assert "paymentTerm" not in price
    assert prices.shown(price)["paymentTerm"] == "in_advance"
    late = prices.read({"type": "flat", "amount": "1", "paymentTerm": "in_arrears"})
    assert prices.shown(late)["paymentTerm"] == "in_arrears"
