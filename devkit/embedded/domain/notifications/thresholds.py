"""Thresholds: which of them a balance has crossed, and which of those is worth telling."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

Threshold = Mapping[str, Any]

BALANCE = "balance"
USAGE = "usage"
_PERCENTAGES = ("usage_percentage", "PERCENT")
_BALANCE_VALUE = "balance_value"
_NOTHING = 1e-9


def kind_of(threshold: Threshold) -> str:
    """What the threshold looks at: usage or balance."""
    return BALANCE if threshold["type"] == _BALANCE_VALUE else USAGE


def crossed(thresholds: Iterable[Threshold], value: Mapping[str, float]) -> list[Threshold]:
    """Of the thresholds that the value (an EntitlementValue) has crossed, the highest of usage, the lowest of balance.

    Nothing is crossed while nothing was granted. Of equal amounts of usage, the last percentage is told.
    """
    total = value["totalAvailableGrantAmount"]
    contradictory = value["balance"] > _NOTHING and value["overage"] > _NOTHING
    if total == 0 or contradictory:
        return []
    told: dict[str, tuple[float, Threshold]] = {}
    for threshold in thresholds:
        amount, kind = _amount(threshold, total), kind_of(threshold)
        if not _is_crossed(kind, amount, value):
            continue
        if kind not in told or _is_further(threshold, amount, told[kind][0]):
            told[kind] = (amount, threshold)
    return [told[kind][1] for kind in (USAGE, BALANCE) if kind in told]


def same(one: Threshold, other: Threshold) -> bool:
    return (one["type"], one["value"]) == (other["type"], other["value"])


def deduplication_hash(kind: str, rule_id: str, entitlement: Mapping[str, Any], subject_key: str) -> str:
    """What the notifications of one rule about one entitlement in one usage period have in common.

    entitlement: as the API shows it
    """
    period = entitlement["currentUsagePeriod"]
    parts = (
        kind,
        rule_id,
        period["from"],
        period["to"],
        subject_key,
        entitlement["id"],
        entitlement["featureId"],
        entitlement["measureUsageFrom"],
    )
    return "bsnap_v2_" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _amount(threshold: Threshold, total: float) -> float:
    value = float(threshold["value"])
    return total * (value / 100) if threshold["type"] in _PERCENTAGES else value


def _is_crossed(kind: str, amount: float, value: Mapping[str, float]) -> bool:
    if kind == USAGE:
        return value["usage"] > amount
    return value["balance"] < amount or (amount == 0 and value["balance"] <= 0)


def _is_further(threshold: Threshold, amount: float, before: float) -> bool:
    if kind_of(threshold) == BALANCE:
        return amount < before
    return amount > before or (amount == before and threshold["type"] in _PERCENTAGES)
