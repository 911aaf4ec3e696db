from decimal import Decimal
from typing import Any

import pytest

from devkit.embedded.domain.billing.rating.line_rating import NegativeUsage, rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line
from tests.embedded.domain.billing.rating.scenes import line, of, shown

UNIT = {"type": "unit", "amount": "0.5"}
PACKAGE = {"type": "package", "amount": "3", "quantityPerPackage": "10"}
TIERS = [
    {"upToAmount": "10", "flatPrice": {"amount": "2"}, "unitPrice": {"amount": "1"}},
    {"upToAmount": "20", "flatPrice": {"amount": "5"}, "unitPrice": {"amount": "0.5"}},
    {"flatPrice": None, "unitPrice": {"amount": "0.25"}},
]
GRADUATED = {"type": "tiered", "mode": "graduated", "tiers": TIERS}
VOLUME = {"type": "tiered", "mode": "volume", "tiers": TIERS}
USAGE = "usage in period"


@pytest.mark.parametrize(
    ("price", "usage", "expected"),
    [
        (UNIT, "0", []),
        (UNIT, "7", [(USAGE, "7", "0.5", "3.5")]),
        (UNIT, "0.01", [(USAGE, "0.01", "0.5", "0.01")]),
        (UNIT, "0.001", []),
        ({"type": "dynamic"}, "3.335", [(USAGE, "1", "3.34", "3.34")]),
        ({"type": "dynamic", "multiplier": "1.2"}, "10", [(USAGE, "1", "12", "12")]),
        (PACKAGE, "0", []),
        (PACKAGE, "10", [(USAGE, "1", "3", "3")]),
        (PACKAGE, "10.01", [(USAGE, "2", "3", "6")]),
        (GRADUATED, "0", [("flat price for tier 1", "1", "2", "2")]),
        (GRADUATED, "10", [("usage price for tier 1", "10", "1", "10"), ("flat price for tier 1", "1", "2", "2")]),
        (
            GRADUATED,
            "21",
            [
                ("usage price for tier 1", "10", "1", "10"),
                ("flat price for tier 1", "1", "2", "2"),
                ("usage price for tier 2", "10", "0.5", "5"),
                ("flat price for tier 2", "1", "5", "5"),
                ("usage price for tier 3", "1", "0.25", "0.25"),
            ],
        ),
        (VOLUME, "0", [("flat price for tier 1", "1", "2", "2")]),
        (VOLUME, "10", [("flat price for tier 1", "1", "2", "2"), ("unit price for tier 1", "10", "1", "10")]),
        (VOLUME, "11", [("flat price for tier 2", "1", "5", "5"), ("unit price for tier 2", "11", "0.5", "5.5")]),
        (VOLUME, "100", [("unit price for tier 3", "100", "0.25", "25")]),
    ],
)
def test_each_type_of_price_has_its_detailed_lines(price: dict[str, Any], usage: str, expected: list[Any]) -> None:
    assert shown(rate(line(price), of(usage))) == expected


def test_the_first_tier_without_usage_is_the_first_of_the_request() -> None:
    unsorted = GRADUATED | {"tiers": [TIERS[1], TIERS[0], TIERS[2]]}

    assert shown(rate(line(unsorted), of(0))) == [("flat price for tier 1", "1", "5", "5")]


def test_a_tier_that_ends_at_zero_has_its_flat_price() -> None:
    free = {"upToAmount": "0", "flatPrice": {"amount": "9"}, "unitPrice": None}
    price = GRADUATED | {"tiers": [free, {"flatPrice": None, "unitPrice": {"amount": "1"}}]}

    assert shown(rate(line(price), of(2))) == [
        ("flat price for tier 1", "1", "9", "9"),
        ("usage price for tier 2", "2", "1", "2"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("10.005", "USD", "10.01"), ("10.5", "JPY", "11"), ("1.00049", "KWD", "1"), ("1.0005", "KWD", "1.001")],
)
def test_a_fee_is_rounded_to_its_currency_half_away_from_zero(amount: str, currency: str, expected: str) -> None:
    fee = line({"type": "flat", "amount": amount, "paymentTerm": "in_arrears"}, currency=currency)
    found = rate(fee)

    assert shown(found) == [("Calls", "1", expected, expected)]
    assert found.details[0].payment_term == "in_arrears"


def test_a_fee_without_a_payment_term_is_in_advance() -> None:
    assert rate(line({"type": "flat", "amount": "1"})).details[0].payment_term == "in_advance"


def test_a_percentage_is_rounded_for_each_detailed_line() -> None:
    discounts = {"percentage": {"percentage": 33.3, "correlationId": "a"}}
    found = rate(line(GRADUATED, discounts=discounts), of(11))

    assert [each.totals.discounts for each in found.details] == [
        Decimal("3.33"),
        Decimal("0.67"),
        Decimal("0.17"),
        Decimal("1.67"),
    ]
    assert found.totals.total == Decimal("17.50") - Decimal("5.84")


def test_a_usage_discount_comes_off_before_the_price() -> None:
    discounts = {"usage": {"quantity": "4", "correlationId": "a"}}
    found = rate(line(UNIT, discounts=discounts), of(10))

    assert shown(found) == [(USAGE, "6", "0.5", "3")]
    assert found.discounted.quantity == Decimal(4)


def test_what_exceeds_the_maximum_is_discounted_where_it_arises() -> None:
    found = rate(line(GRADUATED | {"maximumAmount": "13"}), of(21))

    assert [each.totals.discounts for each in found.details] == [0, 0, Decimal(4), Decimal(5), Decimal("0.25")]
    assert found.totals.total == Decimal(13)


def test_the_minimum_tops_up_what_is_left_after_discounts() -> None:
    discounts = {"percentage": {"percentage": 50, "correlationId": "a"}}
    found = rate(line(UNIT | {"minimumAmount": "5"}, discounts=discounts), of(10))

    assert shown(found) == [(USAGE, "10", "0.5", "2.5"), ("minimum spend", "1", "2.5", "2.5")]
    assert found.details[1].category == "commitment"
    assert found.details[1].totals.charges == Decimal("2.5")


def test_the_minimum_is_due_with_the_last_part_only() -> None:
    assert shown(rate(line(UNIT | {"minimumAmount": "5"}), of(0), final=False)) == []


def test_negative_usage_has_no_price() -> None:
    with pytest.raises(NegativeUsage):
        rate(line(UNIT), of(-1))


def test_usage_below_what_earlier_parts_counted_costs_less_than_nothing() -> None:
    billed = [rated_line(line(UNIT), rate(line(UNIT), of(4)), new_id=lambda: "id", now="now")["children"]]

    assert rate(line(UNIT), of(3, 4), billed).totals.total < 0


def test_a_metered_line_wants_its_usage() -> None:
    with pytest.raises(ValueError, match="without its usage"):
        rate(line(UNIT))


def test_quantities_of_any_length_are_exact() -> None:
    usage = "123456789012345678901234567890.123456789"

    assert shown(rate(line(UNIT), of(usage)))[0][1] == usage
    assert rate(line({"type": "unit", "amount": "2"}), of(usage)).totals.total == Decimal(
        "246913578024691357802469135780.25"
    )
