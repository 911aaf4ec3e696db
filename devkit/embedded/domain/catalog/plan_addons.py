"""The add-ons of a plan: from which phase on and how often one can be bought, and whether it goes with the plan.

An assignment is a document of `planId`, `addonId`, `fromPlanPhase` and what else was given; answers show the add-on
instead of the ids.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain import go_time, issues
from devkit.embedded.domain.catalog import addons, overlays, versions
from devkit.embedded.domain.catalog.versions import ACTIVE, DRAFT, SCHEDULED
from devkit.embedded.domain.durations import aligned, parse
from devkit.embedded.domain.errors import Conflict, Invalid, Malformed, NotFound
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.issues import Issue, under, warning
from devkit.embedded.domain.ordering import by

PlanAddon = dict[str, Any]
Version = Mapping[str, Any]

_SORT_FIELDS = {"created_at": "createdAt", "updated_at": "updatedAt"}


def create(body: Mapping[str, Any], plan: Version, addon: Version, *, id_: str, now: str) -> PlanAddon:
    """A new assignment; metadata is not kept. Raises IssuesFound where the currencies differ, or Malformed."""
    _check_quantity(body, "PlanAddonCreate")
    made = {"id": id_, "planId": plan["id"], "addonId": addon["id"], "fromPlanPhase": body["fromPlanPhase"]}
    if "maxQuantity" in body:
        made["maxQuantity"] = body["maxQuantity"]
    addons.refuse(_currency_issues(plan, addon, _phases_from(plan, made)))
    return made | {"createdAt": now, "updatedAt": now}


def replace(assignment: PlanAddon, body: Mapping[str, Any], *, now: str) -> PlanAddon:
    """The assignment that an update leaves: without a quantity there is no limit, metadata stays unless given.

    Raises Malformed.
    """
    _check_quantity(body, "PlanAddonReplaceUpdate")
    changed = {name: value for name, value in assignment.items() if name != "maxQuantity"}
    changed |= {name: body[name] for name in ("fromPlanPhase", "maxQuantity") if name in body}
    if body.get("metadata") is not None:
        changed["metadata"] = body["metadata"]
    if not changed.get("metadata"):
        changed.pop("metadata", None)
    return changed | {"updatedAt": now}


def check_plan(plan: Version, now: datetime) -> None:
    """Raises Invalid where the add-ons of the plan cannot change any more."""
    if problems := _plan_problems(plan, now):
        raise Invalid(problems)


def check_new_plan(plan: Version, namespace: str, now: datetime) -> None:
    """Raises Invalid where the plan takes no add-on."""
    if problems := _plan_problems(plan, now):
        raise Invalid(f"invalid plan [namespace={namespace} plan.id={plan['id']}]: validation error: {problems}")


def check_new_addon(addon: Version, namespace: str, now: datetime) -> None:
    """Raises Invalid where the add-on goes to no plan."""
    problems = [f"add-on is deleted [deleted_at={_deletion(addon)}]"] if versions.is_deleted(addon) else []
    status = versions.status(addon, now)
    if status != ACTIVE:
        problems.append(f"invalid {status} status, allowed statuses: [active]")
    if problems:
        text = "\n".join(problems)
        raise Invalid(f"invalid add-on [namespace={namespace} addon.id={addon['id']}]: validation error: {text}")


def issues_of(assignment: Mapping[str, Any], plan: Version, addon: Version, now: datetime) -> list[Issue]:
    """What does not go together, as plan and add-on are now."""
    found = []
    if versions.status(plan, now) not in (DRAFT, ACTIVE, SCHEDULED):
        found.append(_STATUS.under("plan"))
    if versions.status(addon, now) != ACTIVE or "effectiveTo" in addon:
        found.append(_STATUS.under("addon"))
    found += _quantity_issues(assignment, addon)
    if not _is_aligned(plan, addon):
        found.append(_UNALIGNED)
    phases = _phases_from(plan, assignment)
    if not phases:
        return [*found, _UNKNOWN_PHASE]
    for phase in phases:
        found += under("addon", overlays.issues(phase["rateCards"], addon["rateCards"]))
    return found + _currency_issues(plan, addon, phases)


def shown(assignment: PlanAddon, plan: Version, addon: addons.Addon, now: datetime) -> PlanAddon:
    """The assignment as answers show it."""
    kept = {name: value for name, value in assignment.items() if name not in ("id", "planId", "addonId")}
    problems = issues.shown(issues_of(assignment, plan, addon, now))
    return kept | {"addon": addons.shown(addon, now), "validationErrors": problems}


def in_order(assignments: Sequence[PlanAddon], query: Mapping[str, Any]) -> list[PlanAddon]:
    """The assignments in the order of a list; those by key and version are by id."""
    field = _SORT_FIELDS.get(query.get("orderBy", "id"), "id")
    return sorted(assignments, key=by(field), reverse=query.get("order", "DESC") == "DESC")


def exists_already(namespace: str, plan_id: str, addon_id: str) -> Conflict:
    return Conflict(
        f"plan add-on assignment already exists [namespace={namespace} plan.id={plan_id} addon.id={addon_id}]"
    )


def unknown(namespace: str, plan: str, addon: str) -> NotFound:
    return NotFound(
        "not found error: plan add-on assignment not found"
        f" [namespace={namespace} plan.idOrKey={plan} addon.idOrKey={addon}]"
    )


def unknown_part(called: str, problem: NotFound) -> NotFound:
    """The plan or the add-on of a new assignment is not there."""
    return NotFound(f"failed to get {called}: not found error: {problem.detail}")


def _check_quantity(body: Mapping[str, Any], schema: str) -> None:
    most = body.get("maxQuantity")
    if most is not None and abs(most) >= 1 << 63:
        raise Malformed(
            f"decode json: json: cannot unmarshal number {most} into Go struct field {schema}.maxQuantity of type int"
        )


def _plan_problems(plan: Version, now: datetime) -> str:
    problems = [f"plan is deleted [deletedAt={_deletion(plan)}]"] if versions.is_deleted(plan) else []
    status = versions.status(plan, now)
    if status not in (DRAFT, SCHEDULED):
        problems.append(f"invalid {status} status, allowed statuses: [draft scheduled]")
    return "\n".join(problems)


def _deletion(version: Version) -> str:
    return go_time.text(instant(version["deletedAt"]))


def _quantity_issues(assignment: Mapping[str, Any], addon: Version) -> list[Issue]:
    most = assignment.get("maxQuantity")
    if most is None:
        return []
    if addon["instanceType"] != addons.MULTIPLE:
        return [_QUANTITY_OF_SINGLE]
    return [_QUANTITY_NOT_POSITIVE] if most <= 0 else []


def _is_aligned(plan: Version, addon: Version) -> bool:
    """Whether all that recurs in the add-on, priced or not, recurs together with the plan."""
    cadence = parse(plan["billingCadence"])
    recurring = [card["billingCadence"] for card in addon["rateCards"] if card["billingCadence"] is not None]
    return all(aligned(cadence, parse(length)) for length in recurring)


def _phases_from(plan: Version, assignment: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The phases in which the add-on can be bought; none where the first one is not there."""
    phases: Sequence[Mapping[str, Any]] = plan["phases"]
    keys = [phase["key"] for phase in phases]
    first = assignment["fromPlanPhase"]
    return phases[keys.index(first) :] if first in keys else []


def _currency_issues(plan: Version, addon: Version, phases: Sequence[Mapping[str, Any]]) -> list[Issue]:
    if plan["currency"] == addon["currency"]:
        return []
    found = [overlays.SEVERAL_CURRENCIES]
    for phase in phases:
        found += overlays.currency_issues(phase["rateCards"], addon["rateCards"])
    return under("addon", found)


_STATUS = warning("plan_addon_incompatible_status", "status", "plan status is incompatible with the addon status")
_QUANTITY_NOT_POSITIVE = warning(
    "plan_addon_max_quantity_must_be_set",
    "maxQuantity",
    "maximum quantity, when set, must be a positive integer for add-ons with multiple instance type",
)
_QUANTITY_OF_SINGLE = warning(
    "plan_addon_max_quantity_must_not_be_set",
    "maxQuantity",
    "maximum quantity must not be set for add-on with single instance type",
)
_UNKNOWN_PHASE = warning(
    "plan_addon_unknown_plan_phase_key",
    "fromPlanPhase",
    "add-on must define valid/existing plan phase key from which the add-on is available for purchase",
    status=None,
)
_UNALIGNED = warning(
    "rate_card_billing_cadence_unaligned",
    "billingCadence",
    "ratecards with prices must have compatible billing cadence",
)
