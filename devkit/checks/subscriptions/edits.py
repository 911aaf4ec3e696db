"""Subscriptions are edited: items and phases come and go."""

from datetime import timedelta
from typing import Any

from devkit.checks import expect
from devkit.checks.product_catalog.bodies import NO_ID, Body, flat
from devkit.checks.registry import check
from devkit.checks.scene import Scene
from devkit.checks.subscriptions import stage


def _edits(*edits: Body, timing: str = "immediate") -> Body:
    return {"customizations": list(edits), "timing": timing}


def _adding(key: str, to: str, **changes: Any) -> Body:
    return {"op": "add_item", "phaseKey": to, "rateCard": stage.free(key, **changes)}


def _running(scene: Scene) -> str:
    plan = stage.active_plan(scene, "basic", *stage.two_phases())
    body = stage.request(scene, stage.customer(scene), plan["key"])
    return str(scene.setup("createSubscription", body=body, status=201)["id"])


@check("items are added to a running subscription and taken from it", operations=("editSubscription",))
def items_are_edited(scene: Scene) -> None:
    identity = _running(scene)

    def now() -> dict[str, list[str]]:
        return stage.items("its phases", scene.setup("getSubscription", identity))

    edited = scene.call("editSubscription", identity, body=_edits(_adding("seat", "trial"), _adding("sso", "main")))
    expect.contains("the edited one", edited.body, {"id": identity, "status": "active"})
    expect.equal("its items", now(), {"trial": ["fee", "seat"], "main": ["fee", "sso"]})
    removal = {"op": "remove_item", "phaseKey": "main", "itemKey": "sso"}
    scene.call("editSubscription", identity, body=_edits(removal))
    expect.equal("its items later", now(), {"trial": ["fee", "seat"], "main": ["fee"]})

    missing = "patch validation error: items for key sso doesn't exists in phase main"
    both = _edits(_adding("extra", "main"), removal)
    scene.refused("editSubscription", identity, body=both, status=400, detail=missing)
    expect.equal("its items after the refusal", now(), {"trial": ["fee", "seat"], "main": ["fee"]})
    unaligned = _adding("odd", "trial", billingCadence="P2W", price=flat("odd")["price"])
    path = "$.phases[?(@.key=='trial')].itemsByKey.odd[0].billingCadence"
    issues: list[tuple[str | None, str]] = [(path, "rate_card_billing_cadence_unaligned")]
    answer = scene.refused("editSubscription", identity, body=_edits(unaligned), status=400, detail=None)
    told = expect.field("the refusal", answer.body, "extensions", "validationErrors")
    expect.equal("its issues", [(one["field"], one["code"]) for one in told], issues)
    scene.refused("editSubscription", NO_ID, body=_edits(removal), status=404, detail=stage.UNKNOWN.format(NO_ID))


@check("phases are added, stretched and removed before they begin", operations=("editSubscription",))
def phases_are_edited(scene: Scene) -> None:
    identity = _running(scene)
    late = {"op": "add_phase", "phase": {"key": "late", "name": "Late", "startAfter": "P12W"}}
    stretch = {"op": "stretch_phase", "phaseKey": "trial", "extendBy": "P1W"}
    scene.call("editSubscription", identity, body=_edits(late, _adding("seat", "late"), stretch))
    shown = scene.setup("getSubscription", identity)
    wanted = {"trial": ["fee"], "main": ["fee"], "late": ["seat"]}
    expect.equal("its items", stage.items("its phases", shown), wanted)
    starts = [timedelta(), timedelta(weeks=5), timedelta(weeks=13)]
    expect.equal("its phases begin", stage.begins("its phases", shown), starts)

    scene.call("editSubscription", identity, body=_edits({"op": "remove_phase", "phaseKey": "main", "shift": "next"}))
    shown = scene.setup("getSubscription", identity)
    expect.equal("its phases", list(stage.items("its phases", shown)), ["trial", "late"])
    begun = {"op": "remove_phase", "phaseKey": "trial", "shift": "next"}
    kept = "patch forbidden error: cannot remove already started phase"
    scene.refused("editSubscription", identity, body=_edits(begun), status=403, detail=kept)
