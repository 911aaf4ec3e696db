"""What the bodies of several operations have in common."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from devkit.core.contract import contract
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.subscriptions import timings
from devkit.embedded.domain.subscriptions.plan_sources import Plan, read_custom
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.http.schemas import Node, Schemas
from devkit.embedded.workflows.subscribing import Terms


def read_custom_plan(body: Mapping[str, Any]) -> Plan | None:
    """The plan in a body; None where it names one. Raises Invalid, InternalFailure.

    Beside a valid `plan` the schema lets anything pass in its place but what would be valid, too.
    """
    given = body.get("customPlan")
    if given is not None and "plan" in body and _custom_plans().check(given) is not None:
        raise InternalFailure("customPlan is none")
    return read_custom(given) if given is not None else None


def read_terms(body: Mapping[str, Any], named: Mapping[str, Any]) -> Terms:
    """The terms of a body. named: what has the name, description and metadata of the subscription.

    Raises InternalFailure for a billing anchor that the calendar does not have.
    """
    anchor = body.get("billingAnchor")
    try:
        billing_anchor = plain(parse(anchor)) if anchor is not None else None
    except ValueError as error:
        raise InternalFailure(f"there is no such instant: {anchor}") from error
    return Terms(
        timing=timings.read(body.get("timing")),
        billing_anchor=billing_anchor,
        name=named.get("name") or "",
        description=named.get("description"),
        metadata=named.get("metadata"),
    )


@cache
def _custom_plans() -> Node:
    return Schemas(contract(), body=True).node({"$ref": "#/components/schemas/CustomPlanInput"})
