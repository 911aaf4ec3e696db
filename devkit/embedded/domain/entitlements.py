"""The rules of entitlements: what may be made, when one is active, and which ones exclude each other.

An entitlement is a document with the members of the API's answers, and `customerId`, `resets` (list of `at` and
`anchor`, in the order of time) and no member that is computed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from devkit.embedded.domain import jsonb
from devkit.embedded.domain.entitlement_inputs import EntitlementInput
from devkit.embedded.domain.errors import Forbidden, Invalid, Plain
from devkit.embedded.domain.go_time import floor_minute
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.recurrences import Recurrence, is_too_short, shown

Entitlement = dict[str, Any]
Feature = Mapping[str, Any]
Customer = Mapping[str, Any]

SUBSCRIPTION = "subscription.id"


def check_input(wanted: EntitlementInput, customer: Customer, now: datetime) -> None:
    """Raises Invalid for what no feature could make right."""
    if wanted.feature is None:
        raise Invalid("feature id or key must be set")
    if not customer.get("key") and not (customer.get("usageAttribution") or {}).get("subjectKeys"):
        raise Invalid("validation error: usage attribution must have a key or subject keys")
    if wanted.active_to is not None and wanted.active_from is None:
        raise Invalid("ActiveFrom must be set if ActiveTo is set")
    if wanted.active_to is not None and wanted.active_to < (wanted.active_from or now):
        raise Invalid("ActiveTo cannot be before ActiveFrom")
    if wanted.usage_period is not None and is_too_short(wanted.usage_period.interval):
        raise Invalid("UsagePeriod must be at least 1 hour")
    if wanted.type == "static":
        _config(wanted)


def create(wanted: EntitlementInput, feature: Feature, customer: Customer, *, id_: str, now: datetime) -> Entitlement:
    """A new entitlement, of an input that was checked. Raises Plain where feature and type do not go together."""
    at = text_of(now)
    made: Entitlement = {
        "id": id_,
        "type": wanted.type,
        "createdAt": at,
        "updatedAt": at,
        "activeFrom": text_of(wanted.active_from or now),
        "featureId": feature["id"],
        "featureKey": feature["key"],
        "customerId": customer["id"],
    }
    optional = {
        "activeTo": text_of(wanted.active_to) if wanted.active_to is not None else None,
        "metadata": dict(wanted.metadata),
        "annotations": dict(wanted.annotations),
    }
    made |= {name: value for name, value in optional.items() if value}
    if wanted.type == "metered":
        return made | _metered(wanted, feature, now)
    period = {"usagePeriod": _shown(wanted.usage_period)} if wanted.usage_period is not None else {}
    return made | period | ({"config": _config(wanted)} if wanted.type == "static" else {})


def conflicting(others: Iterable[Entitlement], active_from: datetime, active_to: datetime | None) -> Entitlement | None:
    """The first one that is active in the same time; all of the same customer and feature key."""
    if active_from == active_to:
        return None
    for other in others:
        start, end = instant(other["activeFrom"]), active_until(other)
        overlaps = (active_to is None or start < active_to) and (end is None or active_from < end)
        if start != end and overlaps:
            return other
    return None


def exists_already(entitlement: Entitlement) -> Plain:
    owner = f"feature {entitlement['featureId']} and customer {entitlement['customerId']}"
    detail = f"entitlement with id {entitlement['id']} already exists for {owner}"
    return Plain(409, detail, {"conflictingEntityId": entitlement["id"]})


def unknown(id_or_key: str, namespace: str) -> Plain:
    return Plain(404, f"entitlement not found {id_or_key} in namespace {namespace}")


def active_until(entitlement: Entitlement) -> datetime | None:
    """When its activity ends, or its life."""
    end = entitlement.get("activeTo") or entitlement.get("deletedAt")
    return instant(end) if end else None


def in_force(entitlement: Entitlement, at: datetime) -> bool:
    """Whether the instant is in [activeFrom, activeTo), deleted or not."""
    ends = entitlement.get("activeTo")
    return instant(entitlement["activeFrom"]) <= at and (ends is None or at < instant(ends))


def is_deleted(entitlement: Entitlement, at: datetime) -> bool:
    """Whether it is deleted at this instant."""
    return "deletedAt" in entitlement and instant(entitlement["deletedAt"]) <= at


def is_active(entitlement: Entitlement, at: datetime) -> bool:
    return in_force(entitlement, at) and not is_deleted(entitlement, at)


def check_metered(entitlement: Entitlement) -> None:
    if entitlement["type"] != "metered":
        raise Plain(400, f"expected entitlement type metered but got {entitlement['type']}")


def check_unmanaged(entitlement: Entitlement) -> None:
    """Raises Forbidden where a subscription made it."""
    if SUBSCRIPTION in entitlement.get("annotations", {}):
        raise Forbidden("entitlement is managed by subscription")


def check_superseding(old: Entitlement, feature: Feature, customer: Customer, active_from: datetime) -> None:
    """Raises Invalid where the one cannot take the place of the other."""
    if feature["key"] != old["featureKey"]:
        raise Invalid("old and new entitlements belong to different features")
    if customer["id"] != old["customerId"]:
        raise Invalid("old and new entitlements belong to different customers")
    if active_from <= instant(old["activeFrom"]):
        raise Invalid("new entitlement must be active after the old one")
    end = active_until(old)
    if end is not None and end < active_from:
        raise Invalid("new entitlement must be active before the old one ends")


def ended(entitlement: Entitlement, at: datetime, *, now: datetime) -> Entitlement:
    """The entitlement, active until then."""
    return {**entitlement, "activeTo": text_of(at), "updatedAt": text_of(now)}


def deleted(entitlement: Entitlement, *, now: datetime) -> Entitlement:
    return {**entitlement, "deletedAt": text_of(now), "updatedAt": text_of(now)}


def last_reset(entitlement: Entitlement) -> datetime:
    """The last manual reset, else the start of measurement."""
    resets = entitlement.get("resets")
    return instant(resets[-1]["at"] if resets else entitlement["measureUsageFrom"])


def _metered(wanted: EntitlementInput, feature: Feature, now: datetime) -> Entitlement:
    if wanted.usage_period is None:
        raise _invalid_value("UsagePeriod is required for metered entitlements")
    if not feature.get("meterSlug"):
        raise Plain(400, f"invalid feature {feature['id']}: Feature has no meter")
    if wanted.issue_after_reset_priority is not None and wanted.issue_after_reset is None:
        raise _invalid_value("IssueAfterResetPriority requires IssueAfterReset")
    period = Recurrence(wanted.usage_period.interval, floor_minute(wanted.usage_period.anchor))
    measured_from = floor_minute(wanted.measure_usage_from or now)
    period.period_at(measured_from)
    made: Entitlement = {
        "usagePeriod": _shown(period),
        "measureUsageFrom": text_of(measured_from),
        "isSoftLimit": wanted.is_soft_limit,
        "preserveOverageAtReset": wanted.preserve_overage_at_reset,
        "issueAfterReset": wanted.issue_after_reset or 0,
        "resets": [],
    }
    if wanted.issue_after_reset_priority is not None:
        made["issueAfterResetPriority"] = wanted.issue_after_reset_priority
    return made


def _shown(period: Recurrence) -> dict[str, Any]:
    return shown(period.interval, text_of(period.anchor))


def _invalid_value(problem: str) -> Plain:
    return Plain(400, f"invalid entitlement value for type metered: {problem}")


def _config(wanted: EntitlementInput) -> str:
    if wanted.config is None:
        raise Invalid("config is required for static entitlements")
    try:
        return jsonb.normalised(wanted.config)
    except ValueError:
        raise Invalid("invalid JSON config") from None
