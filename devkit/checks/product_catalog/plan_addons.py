"""The add-ons of plans: assigning them, and what does not go together."""

from typing import Any

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.product_catalog.bodies import (
    NO_ID,
    Body,
    addon,
    expect_issues,
    flat,
    phase,
    plan,
    refused_with_issues,
)
from devkit.checks.registry import check
from devkit.checks.scene import Scene


def _draft(scene: Scene) -> str:
    return str(scene.setup("createPlan", body=plan(scene, "pro", phase(flat("seat"))), status=201)["id"])


def _active(scene: Scene, what: str, *cards: Body, **changes: Any) -> str:
    made = scene.setup("createAddon", body=addon(scene, what, *cards, **changes), status=201)["id"]
    scene.setup("publishAddon", made)
    return str(made)


def _assign(scene: Scene, to: str, what: str, **changes: Any) -> Any:
    """Assigns an add-on; the assignment is removed at the end."""
    scene.remove_later("deletePlanAddon", to, what)
    return scene.call("createPlanAddon", to, body={"addonId": what, "fromPlanPhase": "main"} | changes, status=201).body


@check(
    "an add-on is assigned to a draft, changed and taken away",
    operations=("createPlanAddon", "getPlanAddon", "updatePlanAddon", "deletePlanAddon", "listPlanAddons"),
)
def life_of_an_assignment(scene: Scene) -> None:
    draft, seats = _draft(scene), _active(scene, "seats", instanceType="multiple")
    made = _assign(scene, draft, seats, maxQuantity=3)
    expect.contains("the assignment", made, {"fromPlanPhase": "main", "maxQuantity": 3, "validationErrors": None})
    expect.equal("its add-on", made["addon"]["id"], seats)
    expect.equal(
        "the assignment by keys", scene.call("getPlanAddon", scene.slug("pro"), scene.slug("seats")).body, made
    )
    page = scene.call("listPlanAddons", draft).body
    expect.equal("the add-ons of the plan", page, {"items": [made], "page": 1, "pageSize": 100, "totalCount": 1})
    names = f"[namespace=default plan.id={draft} addon.id={seats}]"
    taken = f"conflict error: plan add-on assignment already exists {names}"
    again = {"addonId": seats, "fromPlanPhase": "main"}
    scene.refused("createPlanAddon", draft, body=again, status=409, detail=taken)

    changed = scene.call("updatePlanAddon", draft, seats, body={"fromPlanPhase": "main", "metadata": {"a": "1"}}).body
    expect.contains("the changed assignment", changed, {"maxQuantity": ABSENT, "metadata": {"a": "1"}})
    issue: list[tuple[str | None, str]] = [("$.fromPlanPhase", "plan_addon_unknown_plan_phase_key")]
    other = {"fromPlanPhase": "other"}
    refused_with_issues(scene, "updatePlanAddon", draft, seats, body=other, detail="invalid add-on", issues=issue)
    scene.call("deletePlanAddon", draft, seats, status=204)
    gone = "not found error: not found error: plan add-on assignment not found"
    path = f"{gone} [namespace=default plan.idOrKey={draft} addon.idOrKey={seats}]"
    for operation in ("getPlanAddon", "deletePlanAddon"):
        scene.refused(operation, draft, seats, status=404, detail=path)
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listPlanAddons", draft, query={"page": 0}, status=400, detail=low)


@check(
    "what does not fit is told, and keeps the plan from being published", operations=("createPlanAddon", "publishPlan")
)
def add_ons_that_do_not_fit(scene: Scene) -> None:
    draft = _draft(scene)
    late = _active(scene, "late", flat("seat", price={"type": "flat", "amount": "1", "paymentTerm": "in_arrears"}))
    made = _assign(scene, draft, late, maxQuantity=1)
    expect_issues(
        "the assignment",
        made["validationErrors"],
        ("$.maxQuantity", "plan_addon_max_quantity_must_not_be_set"),
        ("$.addon.ratecards[?(@.key=='seat')].price", "rate_card_price_payment_term_mismatch"),
    )
    incompatible: list[tuple[str | None, str]] = [(None, "plan_has_incompatible_addon")]
    refused_with_issues(scene, "publishPlan", draft, detail="invalid plan", issues=incompatible)

    euros = _active(scene, "euros", currency="EUR")
    refused_with_issues(
        scene,
        "createPlanAddon",
        draft,
        body={"addonId": euros, "fromPlanPhase": "main"},
        detail="invalid add-on",
        issues=[
            ("$.addon.currency", "plan_multiple_fiat_currencies"),
            ("$.addon.ratecards[?(@.key=='extra')].currency.currency", "plan_multiple_fiat_currencies"),
        ],
    )
    unknown = (
        f"not found error: failed to get add-on: not found error: add-on not found. [namespace=default id={NO_ID}]"
    )
    nothing = {"addonId": NO_ID, "fromPlanPhase": "main"}
    scene.refused("createPlanAddon", draft, body=nothing, status=404, detail=unknown)
