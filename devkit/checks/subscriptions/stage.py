"""What the checks of subscriptions stand on: a customer, plans, and items without a price, which bill nobody."""

from datetime import datetime, timedelta
from typing import Any

from devkit.checks import expect
from devkit.checks.product_catalog.bodies import Body, flat, phase, plan
from devkit.checks.scene import Scene

UNKNOWN = "not found error: subscription {} not found"
SECOND_PHASE_AFTER = timedelta(weeks=4)


def free(key: str, **changes: Any) -> Body:
    """An item without a price: no invoice comes of it."""
    return flat(key, **{"price": None, **changes})


def two_phases(*later: Body) -> tuple[Body, Body]:
    """Four weeks of `trial`, then `main`."""
    return phase(free("fee"), key="trial", duration="P4W"), phase(*(later or (free("fee"),)))


def customer(scene: Scene, what: str = "acme") -> str:
    """The id of a new one."""
    body = {"key": scene.slug(what), "name": what}
    body["usageAttribution"] = {"subjectKeys": [scene.name(f"{what}-user")]}  # type: ignore[assignment]
    return str(scene.setup("createCustomer", body=body, status=201)["id"])


def active_plan(scene: Scene, what: str, *phases: Body, **changes: Any) -> Body:
    """A published plan of one free item, unless phases are given."""
    body = plan(scene, what, *(phases or (phase(free("fee")),)), **changes)
    made = scene.setup("createPlan", body=body, status=201)
    return dict(scene.setup("publishPlan", made["id"]))


def request(scene: Scene, customer_id: str, plan_key: str, **changes: Any) -> Body:
    """A subscription to a plan, named such that it is removed at the end."""
    return {"customerId": customer_id, "plan": {"key": plan_key}, "name": scene.name("subscription"), **changes}


def own_plan(scene: Scene, *phases: Body) -> Body:
    return {"name": scene.name("own"), "currency": "USD", "billingCadence": "P1M", "phases": list(phases)}


def removed_later(scene: Scene, subscription: Body) -> None:
    """Whatever state it is in: scheduled ones are deleted, others canceled."""
    for operation in ("deleteSubscription", "cancelSubscription", "unscheduleCancelation"):
        scene.remove_later(operation, subscription["id"])


def items(what: str, shown: Body) -> dict[str, list[str]]:
    """The keys of the items of each phase, in the order of the phases."""
    phases = expect.array(what, expect.field(what, shown, "phases"))
    return {one["key"]: sorted(expect.fields(what, one["items"], "key")) for one in phases}


def begins(what: str, shown: Body) -> list[timedelta]:
    """When each phase begins, after the subscription does."""
    start = _instant(expect.field(what, shown, "activeFrom"))
    return [_instant(one) - start for one in expect.fields(what, shown["phases"], "activeFrom")]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
