"""What a subscription is made from: a version of a plan, or a plan of the customer's own in the body of the request."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from devkit.embedded.domain import go_time
from devkit.embedded.domain.catalog import phases, plans, versions
from devkit.embedded.domain.catalog.unreadable import Unreadable
from devkit.embedded.domain.currencies import CODES
from devkit.embedded.domain.durations import Duration, DurationError, parse
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec
from devkit.embedded.domain.subscriptions.unnamed_issues import text_of_phases

Plan = Mapping[str, Any]


def read_custom(body: Mapping[str, Any]) -> Plan:
    """The plan of a body (CustomPlanInput). Raises InternalFailure or Invalid for what cannot be read."""
    if body["currency"] not in CODES:
        raise InternalFailure(f"invalid fiat currency code: {body['currency']}")
    try:
        plan = {
            "name": body["name"],
            "currency": body["currency"],
            "billingCadence": str(parse(body["billingCadence"])),
            "phases": phases.read_all(body["phases"]),
            "settlementMode": body.get("settlementMode") or "credit_then_invoice",
            "proRatingConfig": plans.pro_rating(body),
        }
    except DurationError as error:
        raise InternalFailure(str(error)) from error
    except Unreadable as error:
        if error.validation:
            raise Invalid(error.validation) from error
        raise InternalFailure(error.text) from error
    return plan | {name: body[name] for name in ("description", "metadata") if body.get(name) is not None}


def check_custom(plan: Plan) -> None:
    """Every issue of the plan counts, whatever its severity. Raises IssuesFound or Invalid."""
    found = plans.issues_of(plan)
    if shown := [_below_plan(issue) for issue in found if issue.status]:
        raise IssuesFound(shown)
    if found:
        raise Invalid(text_of_phases(plan["phases"]))


def check_active(plan: Plan, namespace: str, now: datetime) -> None:
    """Raises Invalid where a version is deleted or not in force."""
    _check_not_deleted(plan, namespace)
    if versions.status(plan, now) != versions.ACTIVE:
        raise Invalid(f"plan {plan['key']}@{plan['version']} is not active at {go_time.text(now)}")


def check_published(plan: Plan, namespace: str, now: datetime) -> None:
    """Raises Invalid where a version is deleted or was never in force."""
    _check_not_deleted(plan, namespace)
    if versions.status(plan, now) not in (versions.ACTIVE, versions.ARCHIVED):
        raise Invalid(f"plan {plan['key']}@{plan['version']} is not active or archived at {go_time.text(now)}")


def adapted(plan: Plan, body: Mapping[str, Any]) -> Plan:
    """The plan as a body asks for it: `startingPhase` and `settlementMode`. Raises Invalid for an unknown phase."""
    made = starting_with(plan, body["startingPhase"]) if body.get("startingPhase") is not None else plan
    return {**made, "settlementMode": body.get("settlementMode") or plan["settlementMode"]}


def starting_with(plan: Plan, phase_key: str) -> Plan:
    """The plan with nothing left of the phases before this one. Raises Invalid where it has no such phase."""
    keys = [phase["key"] for phase in plan["phases"]]
    if phase_key not in keys:
        raise Invalid(f"starting phase {phase_key} not found in plan {plan['key']}@{plan['version']}")
    first = keys.index(phase_key)
    skipped = [phase | {"duration": "P0D"} for phase in plan["phases"][:first]]
    return {**plan, "phases": [*skipped, *plan["phases"][first:]]}


def spec_of(plan: Plan, active_from: datetime, billing_anchor: datetime) -> Spec:
    """The spec of a subscription that begins with the first phase at this instant."""
    spec = Spec(
        currency=plan["currency"],
        billing_cadence=parse(plan["billingCadence"]),
        billing_anchor=billing_anchor,
        active_from=active_from,
    )
    starts_after = Duration()
    for number, phase in enumerate(plan["phases"]):
        made = Phase(phase["key"], phase["name"], starts_after, description=phase.get("description"), order=number)
        for card in phase["rateCards"]:
            made.items[card["key"]] = [Item(dict(card))]
        spec.phases[made.key] = made
        if phase["duration"] is not None:
            starts_after = starts_after + parse(phase["duration"])
    return spec


def subscription_of(plan: Plan, spec: Spec, *, id_: str, now: str) -> dict[str, Any]:
    """A new subscription of the spec, without phases so far and without what a customer gives to it."""
    made = {
        "id": id_,
        "createdAt": now,
        "updatedAt": now,
        "activeFrom": text_of(spec.active_from),
        "billingAnchor": text_of(spec.billing_anchor),
        "billingCadence": plan["billingCadence"],
        "currency": plan["currency"],
        "settlementMode": plan["settlementMode"],
        "proRatingConfig": plan["proRatingConfig"],
        "phases": [],
    }
    return made | ({"plan": {name: plan[name] for name in ("id", "key", "version")}} if "id" in plan else {})


def _check_not_deleted(plan: Plan, namespace: str) -> None:
    if versions.is_deleted(plan):
        at = go_time.text(instant(plan["deletedAt"]))
        raise Invalid(
            f"plan is deleted [namespace={namespace}, key={plan['key']}, version={plan['version']}, deleted_at={at}]"
        )


def _below_plan(issue: Issue) -> Issue:
    return replace(issue, field=f"plan.{issue.field}") if issue.field else issue
