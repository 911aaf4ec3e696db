"""Thresholds: which are crossed, and which of those is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.notifications.thresholds import crossed, deduplication_hash

TYPES = ("usage_value", "NUMBER", "usage_percentage", "PERCENT", "balance_value")


def value(usage: float, total: float = 100) -> dict[str, float]:
    left = total - usage
    return {"usage": usage, "balance": max(left, 0), "overage": max(-left, 0), "totalAvailableGrantAmount": total}


def threshold(type_: str, amount: float) -> dict[str, Any]:
    return {"type": type_, "value": amount}


@pytest.mark.parametrize(
    ("type_", "amount", "untold", "told"),
    [
        ("usage_value", 10, 10, 10.5),
        ("NUMBER", 10, 10, 10.5),
        ("usage_percentage", 50, 100, 101),
        ("PERCENT", 50, 100, 101),
        ("balance_value", 20, 180, 181),
        ("balance_value", 0, 199.5, 200),
    ],
)
def test_a_threshold_is_crossed_beyond_it_and_a_balance_of_nothing_when_it_is_reached(
    type_: str, amount: float, untold: float, told: float
) -> None:
    assert crossed([threshold(type_, amount)], value(untold, 200)) == []
    assert crossed([threshold(type_, amount)], value(told, 200)) == [threshold(type_, amount)]


def test_the_highest_of_usage_comes_before_the_lowest_of_balance() -> None:
    given_ = [
        threshold("balance_value", 50),
        threshold("usage_value", 20),
        threshold("balance_value", 30),
        threshold("usage_percentage", 60),
        threshold("usage_value", 40),
    ]
    assert crossed(given_, value(80)) == [threshold("usage_percentage", 60), threshold("balance_value", 30)]


def test_of_equal_amounts_of_usage_a_percentage_is_told() -> None:
    number, percentage = threshold("usage_value", 50), threshold("usage_percentage", 50)
    assert crossed([number, percentage], value(60)) == [percentage]
    assert crossed([percentage, number], value(60)) == [percentage]


def test_nothing_is_told_while_nothing_was_granted() -> None:
    assert crossed([threshold(type_, 0.5) for type_ in TYPES], value(10, total=0)) == []


@given(
    amounts=st.lists(st.tuples(st.sampled_from(TYPES), st.integers(1, 300)), max_size=10),
    usage=st.integers(0, 400),
    total=st.integers(1, 300),
)
def test_what_is_told_is_crossed_and_nothing_crossed_lies_beyond_it(
    amounts: list[tuple[str, int]], usage: int, total: int
) -> None:
    now = value(usage, total)
    told = crossed([threshold(*amount) for amount in amounts], now)

    def amount_of(each: dict[str, Any]) -> float:
        in_percent = each["type"] in ("PERCENT", "usage_percentage")
        return total * (each["value"] / 100) if in_percent else float(each["value"])

    used = [amount_of(threshold(*a)) for a in amounts if a[0] != "balance_value"]
    left = [float(a[1]) for a in amounts if a[0] == "balance_value"]
    beyond = {
        "usage": max((amount for amount in used if amount < now["usage"]), default=None),
        "balance": min((amount for amount in left if amount > now["balance"]), default=None),
    }
    shown = {"balance" if each["type"] == "balance_value" else "usage": amount_of(dict(each)) for each in told}
    assert shown == {kind: amount for kind, amount in beyond.items() if amount is not None}


def test_another_usage_period_has_another_hash() -> None:
    entitlement = {
        "id": "one",
        "featureId": "feature",
        "measureUsageFrom": "2025-01-01T00:00:00Z",
        "currentUsagePeriod": {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"},
    }
    later = {**entitlement, "currentUsagePeriod": {"from": "2025-02-01T00:00:00Z", "to": "2025-03-01T00:00:00Z"}}
    one = deduplication_hash("usage", "rule", entitlement, "acme")
    assert one == deduplication_hash("usage", "rule", entitlement, "acme")
    others = {
        deduplication_hash("balance", "rule", entitlement, "acme"),
        deduplication_hash("usage", "rule 2", entitlement, "acme"),
        deduplication_hash("usage", "rule", later, "acme"),
    }
    assert len({one, *others}) == 4
