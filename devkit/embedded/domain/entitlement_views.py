"""How answers show entitlements, grants and values, in the two versions of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain import recurrences
from devkit.embedded.domain.entitlements import Customer, Entitlement, last_reset
from devkit.embedded.domain.go_time import add_date
from devkit.embedded.domain.grants import Grant
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.usage_periods import of_entitlement

_INTERNAL = ("customerId", "resets")
_FOREVER_YEARS = 100


@dataclass(frozen=True)
class Balance:
    """What a metered entitlement has left at an instant. total: what grants paid since the last snapshot, and left."""

    balance: float
    usage: float
    overage: float
    total: float
    by_grant: Mapping[str, float]


def entitlement_v1(entitlement: Entitlement, customer: Customer, now: datetime) -> dict[str, Any]:
    """An Entitlement of the first version."""
    subjects = (customer.get("usageAttribution") or {}).get("subjectKeys") or [""]
    body = _shared(entitlement, now) | {"subjectKey": min(subjects)}
    return body | ({"isUnlimited": False} if entitlement["type"] == "metered" else {})


def entitlement_v2(entitlement: Entitlement, customer: Customer, now: datetime) -> dict[str, Any]:
    """An EntitlementV2; boolean ones do not show their metadata."""
    body = _shared(entitlement, now) | {"customerId": entitlement["customerId"]}
    if customer.get("key") is not None:
        body["customerKey"] = customer["key"]
    if entitlement["type"] == "boolean":
        body.pop("metadata", None)
    if entitlement["type"] == "metered":
        priority = entitlement.get("issueAfterResetPriority")
        issue = {"amount": entitlement["issueAfterReset"]}
        body["issue"] = issue if priority is None else {**issue, "priority": priority}
    return body


def grant_v1(grant: Grant, now: datetime) -> dict[str, Any]:
    """An EntitlementGrant: one that never expires does so in a hundred years here."""
    never = {
        "expiration": {"count": _FOREVER_YEARS, "duration": "YEAR"},
        "expiresAt": text_of(add_date(now, years=_FOREVER_YEARS)),
    }
    return never | grant_v2(grant, now)


def grant_v2(grant: Grant, now: datetime) -> dict[str, Any]:
    """An EntitlementGrantV2."""
    if "recurrence" not in grant:
        return dict(grant)
    return {**grant, "nextRecurrence": text_of(recurrences.read(grant["recurrence"]).next_from(now))}


def value_v1(entitlement: Entitlement, balance: Balance | None) -> dict[str, Any]:
    """An EntitlementValue of an active entitlement. balance: of a metered one."""
    if balance is None:
        return {"hasAccess": True, **_config(entitlement)}
    return {"hasAccess": _has_access(entitlement, balance), **_numbers(balance)}


def value_v2(entitlement: Entitlement, balance: Balance | None) -> dict[str, Any]:
    """An EntitlementValueV2: no access is shown by leaving `hasAccess` out."""
    if balance is None:
        return {"hasAccess": True, **_config(entitlement)}
    access = {"hasAccess": True} if _has_access(entitlement, balance) else {}
    return {**access, **_numbers(balance), "grantBalances": dict(balance.by_grant)}


def _has_access(entitlement: Entitlement, balance: Balance) -> bool:
    return bool(entitlement["isSoftLimit"]) or balance.balance > 0


def _numbers(balance: Balance) -> dict[str, float]:
    return {
        "balance": balance.balance,
        "usage": balance.usage,
        "overage": balance.overage,
        "totalAvailableGrantAmount": balance.total,
    }


def _config(entitlement: Entitlement) -> dict[str, str]:
    return {"config": entitlement["config"]} if entitlement["type"] == "static" else {}


def _shared(entitlement: Entitlement, now: datetime) -> dict[str, Any]:
    body = {name: value for name, value in entitlement.items() if name not in _INTERNAL}
    if "deletedAt" in entitlement:
        body.setdefault("activeTo", entitlement["deletedAt"])
    if "usagePeriod" in entitlement:
        start, end = of_entitlement(entitlement).period_at(now)
        body["currentUsagePeriod"] = {"from": text_of(start), "to": text_of(end)}
    if entitlement["type"] == "metered":
        body["lastReset"] = text_of(last_reset(entitlement))
    return body
