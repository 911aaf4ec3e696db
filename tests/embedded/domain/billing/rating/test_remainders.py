from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.rating.line_rating import rate
from tests.embedded.domain.billing.rating.scenes import line, of, parts, shown, written
from tests.embedded.domain.billing.rating.test_line_rating import GRADUATED, PACKAGE, UNIT, USAGE


def in_two(price: Mapping[str, Any], first: int, total: int) -> list[tuple[str, str, str, str]]:
    return shown(parts(line(price), [Decimal(first), Decimal(total)])[1])


def test_a_later_part_bills_what_came_after_the_earlier_one() -> None:
    assert in_two(UNIT, 10, 14) == [(USAGE, "4", "0.5", "2")]
    assert in_two(PACKAGE, 12, 22) == [(USAGE, "1", "3", "3")]
    assert in_two(PACKAGE, 12, 19) == []


def test_a_tier_that_was_entered_is_not_billed_again() -> None:
    assert in_two(GRADUATED, 12, 22) == [
        ("usage price for tier 2", "8", "0.5", "4"),
        ("usage price for tier 3", "2", "0.25", "0.5"),
    ]


def test_an_amount_that_changed_is_billed_anew_and_taken_back() -> None:
    found = parts(line({"type": "dynamic", "multiplier": "2"}), [Decimal(10), Decimal(15)])[1]

    assert shown(found) == [(USAGE, "1", "30", "30"), (USAGE, "-1", "20", "-20")]
    assert found.takes_back
    assert [each.document({})["uniqueReferenceId"] for each in found.details] == [
        "usage",
        "usage#correction:detailed_line_id=id-0",
    ]


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    third = parts(line({"type": "dynamic", "multiplier": "2"}), [Decimal(10), Decimal(15), Decimal(16)])[2]

    assert shown(third) == [(USAGE, "1", "32", "32"), (USAGE, "-1", "30", "-30")]


def test_the_minimum_counts_what_earlier_parts_billed() -> None:
    assert in_two({**UNIT, "minimumAmount": "10"}, 10, 12) == [
        (USAGE, "2", "0.5", "1"),
        ("minimum spend", "1", "4", "4"),
    ]


def test_the_maximum_counts_what_earlier_parts_billed() -> None:
    second = parts(line({**UNIT, "maximumAmount": "6"}), [Decimal(10), Decimal(20)])[1]

    assert second.totals.amount == Decimal(5)
    assert second.totals.total == Decimal(1)


def test_a_usage_discount_is_used_up_once() -> None:
    a_line = line(UNIT, discounts={"usage": {"quantity": "12", "correlationId": "a"}})
    first, second = parts(a_line, [Decimal(10), Decimal(20)])

    assert (first.discounted.quantity, first.discounted.before) == (Decimal(10), Decimal(0))
    assert (second.discounted.quantity, second.discounted.before) == (Decimal(2), Decimal(10))
    assert shown(second) == [(USAGE, "8", "0.5", "4")]


def test_a_child_keeps_its_identity_when_its_line_is_rated_again() -> None:
    first = written(line(UNIT), rate(line(UNIT), of(1)))
    again = written(first | {"children": [first["children"][0] | {"id": "kept"}]}, rate(first, of(2)))

    assert [(child["id"], child["quantity"]) for child in again["children"]] == [("kept", "2")]
