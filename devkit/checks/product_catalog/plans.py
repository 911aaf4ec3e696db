"""Plans: their life from draft to deletion, their versions, and what keeps them from being published."""

from typing import Any

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.product_catalog.bodies import (
    NO_ID,
    SCHEMA,
    Body,
    expect_issues,
    flat,
    phase,
    plan,
    refused_with_issues,
    usage,
)
from devkit.checks.registry import check
from devkit.checks.scene import Scene

UNKNOWN = f"not found error: plan not found. [namespace=default id={NO_ID}]"


def _drafted(scene: Scene, what: str, *phases: Body, **changes: Any) -> Any:
    return scene.setup("createPlan", body=plan(scene, what, *phases, **changes), status=201)


@check(
    "a plan goes from draft to active to archived to deleted, and by no other way",
    operations=("createPlan", "getPlan", "publishPlan", "archivePlan", "deletePlan"),
)
def life_of_a_plan(scene: Scene) -> None:
    body = plan(scene, "pro", metadata={"line": "pro"})
    draft = scene.call("createPlan", body=body, status=201).body
    kept = {"status": "draft", "version": 1, "validationErrors": None, "effectiveFrom": ABSENT}
    kept |= {"settlementMode": "credit_then_invoice", "proRatingConfig": {"enabled": True, "mode": "prorate_prices"}}
    expect.contains("the draft", draft, body | kept)
    identity, key = draft["id"], body["key"]
    scene.refused("archivePlan", identity, status=400, detail=_only("[active] can be archived, but it is in draft"))
    scene.refused("getPlan", key, status=404, detail=f"not found error: plan not found. [namespace=default key={key}]")

    active = scene.call("publishPlan", identity).body
    expect.contains("the published plan", active, {**body, "status": "active", "effectiveTo": ABSENT})
    expect.equal("the plan in force", scene.call("getPlan", key).body, active)
    again = "[draft scheduled] can be published/rescheduled, but it has active"
    scene.refused("publishPlan", identity, status=400, detail=_only(again, "invalid Plan: "))
    scene.refused(
        "deletePlan", identity, status=400, detail=_only("[archived scheduled draft] can be deleted, but it has active")
    )

    archived = scene.call("archivePlan", identity).body
    expect.contains("the archived plan", archived, {"status": "archived", "effectiveFrom": active["effectiveFrom"]})
    scene.call("deletePlan", identity, status=204)
    deleted = scene.call("getPlan", identity).body
    expect.true("the deleted plan has no deletedAt", deleted.get("deletedAt"))
    scene.refused("deletePlan", NO_ID, status=404, detail=UNKNOWN)
    missing = f'{SCHEMA}PlanCreate: Error at "/key": property "key" is missing'
    scene.refused("createPlan", body={name: body[name] for name in body if name != "key"}, status=400, detail=missing)


@check("the next version takes over without a gap", operations=("nextPlan", "createPlan", "publishPlan", "getPlan"))
def versions_of_a_plan(scene: Scene) -> None:
    first = _drafted(scene, "pro")
    scene.setup("publishPlan", first["id"])
    second = scene.call("nextPlan", first["key"]).body
    copied = {"status": "draft", "version": 2, "phases": first["phases"], "effectiveFrom": ABSENT}
    expect.contains("the next version", second, copied)
    one_draft = "validation error: only a single draft version is allowed for Plan"
    scene.refused("nextPlan", first["key"], status=400, detail=one_draft)
    scene.refused("createPlan", body=plan(scene, "pro"), status=400, detail=one_draft)

    begun = scene.call("publishPlan", second["id"]).body["effectiveFrom"]
    before = scene.call("getPlan", first["id"]).body
    expect.contains("the version before", before, {"status": "archived", "effectiveTo": begun})
    expect.equal("the version in force", scene.call("getPlan", first["key"]).body["version"], 2)
    third = scene.call("createPlan", body=plan(scene, "pro"), status=201).body
    expect.equal("the version of a plan made anew", third["version"], 3)
    latest = scene.call("getPlan", first["key"], query={"includeLatest": "true"}).body
    expect.equal("the latest version", latest, third)


@check("an update replaces the phases and keeps what it does not name", operations=("updatePlan",))
def update_of_a_draft(scene: Scene) -> None:
    draft = _drafted(
        scene, "pro", description="For teams", metadata={"line": "pro"}, proRatingConfig=_pro_rating(on=False)
    )
    changed: Body = {"name": "Renamed", "billingCadence": "P1M"}
    changed["phases"] = [phase(flat("start"), key="intro", duration="P1M"), phase(flat("fee", "12.50"))]
    updated = scene.call("updatePlan", draft["id"], body=changed).body
    kept = {
        "description": "For teams",
        "metadata": {"line": "pro"},
        "version": 1,
        "proRatingConfig": _pro_rating(on=True),
    }
    expect.contains("the updated draft", updated, {**kept, "name": "Renamed"})
    amounts = [[card["price"]["amount"] for card in one["rateCards"]] for one in updated["phases"]]
    expect.equal("the amounts of the new phases", amounts, [["10"], ["12.5"]])

    scene.setup("publishPlan", draft["id"])
    late = _only("[draft scheduled] can be updated, but it has active")
    scene.refused("updatePlan", draft["id"], body=changed, status=400, detail=late)
    scene.refused("updatePlan", NO_ID, body=changed, status=404, detail=UNKNOWN)


@check("a draft keeps its warnings, and publishing refuses them", operations=("createPlan", "publishPlan"))
def warnings_and_criticals(scene: Scene) -> None:
    feature = scene.slug("perk")
    scene.setup("createFeature", body={"key": feature, "name": "Perk"}, status=201)
    one, two = "$.phases[?(@.key=='one')]", "$.phases[?(@.key=='two')]"
    body = plan(scene, "pro", phase(usage(feature), flat("week", billingCadence="P1W"), key="one"), phase(key="two"))
    draft = scene.call("createPlan", body=body, status=201).body
    warned: list[tuple[str | None, str]] = [
        (f"{one}.duration", "plan_has_non_last_phase_with_no_duration"),
        (f"{two}.rateCards", "plan_phase_has_no_rate_cards"),
        (f"{one}.rateCards[?(@.key=='week')].billingCadence", "rate_card_billing_cadence_unaligned"),
    ]
    expect_issues("the draft", draft["validationErrors"], *warned)
    no_meter = (f"{one}.rateCards[?(@.key=='{feature}')].featureKey", "usage_based_price_with_feature_and_no_meter")
    refused_with_issues(scene, "publishPlan", draft["id"], detail="invalid plan", issues=[*warned, no_meter])

    card = "$.phases[?(@.key=='main')].ratecards[?(@.key=='fee')]"
    criticals: list[tuple[Body, tuple[str | None, str]]] = [
        (plan(scene, "bad", billingCadence="P2M"), ("$.billingCadence", "plan_billing_cadence_invalid")),
        (plan(scene, "bad", phase(flat("fee"), flat("fee"))), (f"{card}.key", "rate_card_duplicated_key")),
        (plan(scene, "bad", phase(flat("fee", "-1"))), (f"{card}.price", "the Amount must not be negative")),
        (
            plan(scene, "bad", phase(flat("fee", featureKey=feature))),
            (f"{card}.key", "rate_card_key_feature_key_mismatch"),
        ),
    ]
    for bad, issue in criticals:
        refused_with_issues(scene, "createPlan", body=bad, detail="invalid plan", issues=[issue])


@check("plans are listed newest first, each filter adding to the others", operations=("listPlans",))
def plans_are_listed(scene: Scene) -> None:
    first = _drafted(scene, "basic")
    scene.setup("publishPlan", first["id"])
    scene.setup("nextPlan", first["key"])
    other = _drafted(scene, "pro")
    gone = _drafted(scene, "gone")
    scene.setup("deletePlan", gone["id"], status=204)

    def own(**query: Any) -> list[list[Any]]:
        items = expect.field("the page of plans", scene.call("listPlans", query=query).body, "items")
        found = [one for one in expect.array("the plans", items) if scene.token in one["key"]]
        return [[one["name"], one["version"], one["status"]] for one in found]

    keys = [first["key"], other["key"], gone["key"]]
    live = [["pro", 1, "draft"], ["basic", 2, "draft"], ["basic", 1, "active"]]
    expect.equal("our plans", own(key=keys), live)
    expect.equal("our plans with the deleted one", own(key=keys, includeDeleted="true"), [["gone", 1, "draft"], *live])
    expect.equal("our plans in force", own(key=keys, status="active"), live[2:])
    picked = {f"keyVersion[{first['key']}][0]": 1, "id": other["id"], "order": "ASC"}
    expect.equal("a version and a plan, oldest first", own(**picked), [live[2], live[0]])
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listPlans", query={"page": 0}, status=400, detail=low)


def _only(rule: str, prefix: str = "") -> str:
    return f"validation error: {prefix}only Plans in {rule} state"


def _pro_rating(*, on: bool) -> Body:
    return {"enabled": on, "mode": "prorate_prices"}
