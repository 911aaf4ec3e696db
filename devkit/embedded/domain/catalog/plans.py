"""The rules of plans: what a body makes of one, what is wrong with it, and what may be done to it in which status."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain import go_time, issues
from devkit.embedded.domain.catalog import phases, rate_cards, versions
from devkit.embedded.domain.catalog.unreadable import Unreadable, duration
from devkit.embedded.domain.catalog.versions import ACTIVE, ARCHIVED, DRAFT, SCHEDULED
from devkit.embedded.domain.currencies import CODES
from devkit.embedded.domain.durations import aligned, parse
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound, NotFound
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.issues import Issue, critical, criticals, keyed, warning

Plan = dict[str, Any]

CADENCES = ("P1W", "P2W", "P4W", "P1M", "P3M", "P6M", "P12M", "P1Y")
_PRO_RATING = {"enabled": True, "mode": "prorate_prices"}
#: What may be done to a plan of which status: the statuses as OpenMeter lists them, and its words.
_CHANGED_IN = {
    "updated": ((DRAFT, SCHEDULED), "only Plans in [draft scheduled] can be updated, but it has {} state"),
    "published": (
        (DRAFT, SCHEDULED),
        "invalid Plan: only Plans in [draft scheduled] can be published/rescheduled, but it has {} state",
    ),
    "archived": ((ACTIVE,), "only Plans in [active] can be archived, but it is in {} state"),
    "deleted": (
        (ARCHIVED, SCHEDULED, DRAFT),
        "only Plans in [archived scheduled draft] can be deleted, but it has {} state",
    ),
}


def read_new(body: Mapping[str, Any]) -> Plan:
    """The content of a new plan. Raises Invalid for what cannot be read, IssuesFound for critical issues."""
    try:
        plan = _read(body)
    except Unreadable as error:
        raise Invalid(f"failed to create plan request: {error.text}") from error
    if not parse(plan["billingCadence"]).sign:
        raise _empty_cadence(plan, "invalid plan: validation error: validation error: ")
    refuse(criticals(issues_of(plan)))
    return plan


def read_update(body: Mapping[str, Any]) -> Plan:
    """What an update changes. Raises Invalid or InternalFailure for what cannot be read, IssuesFound."""
    changes = {
        name: body[name] for name in ("name", "description", "metadata", "settlementMode") if _is_given(body, name)
    }
    changes["proRatingConfig"] = pro_rating(body)
    try:
        if body["billingCadence"]:
            changes["billingCadence"] = str(duration(body["billingCadence"], "invalid billingCadence"))
    except Unreadable as error:
        raise Invalid(error.text) from error
    try:
        changes["phases"] = phases.read_all(body["phases"])
    except Unreadable as error:
        if error.validation:
            raise Invalid(error.validation) from error
        raise InternalFailure(error.text) from error
    refuse(criticals(issue for phase in changes["phases"] for issue in phases.issues(phase)))
    return changes


def updated(plan: Plan, changes: Mapping[str, Any], *, now: str) -> Plan:
    """The plan with the changes. Raises Invalid for an empty cadence, IssuesFound for critical issues."""
    changed = {**plan, **changes, "updatedAt": now}
    if not parse(changed["billingCadence"]).sign:
        raise _empty_cadence(changed, "validation error: validation error: ")
    refuse(criticals(issues_of(changed)))
    return changed


def check(plan: Mapping[str, Any], change: str, now: datetime) -> None:
    """Raises Invalid where a plan of this status cannot be `updated`, `published`, `archived` or `deleted`."""
    allowed, words = _CHANGED_IN[change]
    found = versions.status(plan, now)
    if found not in allowed:
        raise Invalid(words.format(found))


def check_not_deleted(plan: Mapping[str, Any], namespace: str) -> None:
    """Raises Invalid: what is deleted is not published."""
    if versions.is_deleted(plan):
        at = go_time.text(instant(plan["deletedAt"]))
        raise Invalid(f"cannot publish a deleted Plan [namespace={namespace}, id={plan['id']} deleted_at={at}]")


def copied(plan: Plan) -> Plan:
    """The content of a plan for its next version."""
    left = ("id", "version", "createdAt", "updatedAt", "deletedAt", "effectiveFrom", "effectiveTo")
    return {name: value for name, value in plan.items() if name not in left}


def issues_of(plan: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with a plan for itself, whatever features and add-ons it refers to."""
    found = phases.issues_of_all(plan["phases"])
    if plan["billingCadence"] not in CADENCES:
        found.append(_CADENCE)
    return found + _unaligned(plan)


def shown(plan: Plan, now: datetime) -> Plan:
    """The plan as answers show it: with its status and its issues."""
    return plan | {
        "phases": [phases.shown(phase) for phase in plan["phases"]],
        "status": versions.status(plan, now),
        "validationErrors": issues.shown(issues_of(plan)),
    }


def unknown(namespace: str, *, id_: str = "", key: str = "") -> NotFound:
    """No plan has the id, or no version of the key is in force."""
    return NotFound(f"plan not found. [namespace={namespace} {f'id={id_}' if id_ else f'key={key}'}]")


def refuse(found: Sequence[Issue]) -> None:
    """Raises IssuesFound where there are any."""
    if found:
        raise IssuesFound(found, detail="invalid plan", with_status=True)


def rate_cards_of(plan: Mapping[str, Any]) -> list[rate_cards.RateCard]:
    """The rate cards of all phases."""
    return [card for phase in plan["phases"] for card in phase["rateCards"]]


def _read(body: Mapping[str, Any]) -> Plan:
    if body["currency"] not in CODES:
        raise Unreadable(f"invalid CurrencyCode: invalid fiat currency code: {body['currency']}")
    plan = {name: body[name] for name in ("key", "name", "currency")}
    plan["billingCadence"] = str(duration(body["billingCadence"], "invalid BillingCadence"))
    plan |= {name: body[name] for name in ("description", "metadata") if _is_given(body, name)}
    try:
        plan["phases"] = phases.read_all(body["phases"])
    except Unreadable as error:
        raise error.within("failed to cast PlanPhase") from error
    plan["settlementMode"] = body.get("settlementMode", "credit_then_invoice")
    return plan | {"proRatingConfig": pro_rating(body)}


def _is_given(body: Mapping[str, Any], name: str) -> bool:
    return body.get(name) is not None


def pro_rating(body: Mapping[str, Any]) -> dict[str, Any]:
    """The proRatingConfig of a body, or the default one."""
    given = body.get("proRatingConfig", _PRO_RATING)
    return {name: given[name] for name in ("enabled", "mode")}


def _unaligned(plan: Mapping[str, Any]) -> list[Issue]:
    """Cards with a price that recurs must recur together with the plan."""
    cadence = parse(plan["billingCadence"])
    return [
        _UNALIGNED.under(f"{phases.path_of(phase)}.{keyed('rateCards', card['key'])}")
        for phase in plan["phases"]
        for card in phase["rateCards"]
        if card["price"] is not None
        and card["billingCadence"] is not None
        and not aligned(cadence, parse(card["billingCadence"]))
    ]


def _empty_cadence(plan: Mapping[str, Any], words: str) -> Invalid:
    """A cadence of nothing is no issue with a place: all issues become one text."""
    lines = ["invalid BillingCadence: must not be empty", *(issue.message for issue in issues_of(plan))]
    return Invalid(words + "\n".join(lines))


_CADENCE = critical(
    "plan_billing_cadence_invalid",
    "billingCadence",
    f"billing cadence must be one of the following: {', '.join(CADENCES)}",
)
_UNALIGNED = warning(
    "rate_card_billing_cadence_unaligned",
    "billingCadence",
    "ratecards with prices must have compatible billing cadence",
)
INCOMPATIBLE_ADDON = warning("plan_has_incompatible_addon", "", "plan has incompatible add-on assignment")
