"""A subscription gives way to another one."""

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.product_catalog.bodies import NO_ID, phase
from devkit.checks.registry import check
from devkit.checks.scene import Scene
from devkit.checks.subscriptions import stage


@check(
    "a subscription is changed to another plan at the end of its period, and restored before that",
    operations=("changeSubscription", "restoreSubscription"),
)
def change_is_taken_back(scene: Scene) -> None:
    basic, premium = stage.active_plan(scene, "basic"), stage.active_plan(scene, "premium")
    made = scene.setup("createSubscription", body=stage.request(scene, stage.customer(scene), basic["key"]), status=201)
    identity = made["id"]
    change = {"timing": "next_billing_cycle", "plan": {"key": premium["key"]}, "name": scene.name("next")}
    said = scene.call("changeSubscription", identity, body=change).body
    current, following = said["current"], said["next"]
    stage.removed_later(scene, following)
    expect.contains("the one that ends", current, {"id": identity, "status": "canceled"})
    wanted = {"status": "scheduled", "activeFrom": current["activeTo"], "name": change["name"]}
    expect.contains("the one that follows", following, wanted)
    expect.equal("its plan", expect.field("the one that follows", following, "plan", "key"), premium["key"])
    restored = scene.call("restoreSubscription", identity).body
    expect.contains("the restored one", restored, {"status": "active", "activeTo": ABSENT})
    gone = stage.UNKNOWN.format(following["id"])
    scene.refused("restoreSubscription", following["id"], status=404, detail=gone)

    nowhere = change | {"plan": {"key": scene.slug("nope")}}
    unknown = f"not found error: plan {scene.slug('nope')} with version 0 not found"
    scene.refused("changeSubscription", identity, body=nowhere, status=404, detail=unknown)
    scene.refused("changeSubscription", NO_ID, body=change, status=404, detail=stage.UNKNOWN.format(NO_ID))
    twice = "forbidden error: transition continue in state active not allowed"
    scene.refused("restoreSubscription", identity, status=403, detail=twice)


@check("a subscription migrates to a later version of its plan", operations=("migrateSubscription",))
def migration_to_a_later_version(scene: Scene) -> None:
    first = stage.active_plan(scene, "basic")
    made = scene.setup("createSubscription", body=stage.request(scene, stage.customer(scene), first["key"]), status=201)
    identity = made["id"]
    draft = scene.setup("nextPlan", first["id"])
    body = {"name": "Second", "billingCadence": "P1M", "phases": [phase(stage.free("fee"), stage.free("seat"))]}
    scene.setup("updatePlan", draft["id"], body=body)
    second = scene.setup("publishPlan", draft["id"])

    missing = f"not found error: plan {first['key']} with version 9 not found"
    later = {"timing": "immediate", "targetVersion": 9}
    scene.refused("migrateSubscription", identity, body=later, status=404, detail=missing)
    same = f"validation error: subscription {identity} is already at version 1, cannot migrate to version 1"
    scene.refused("migrateSubscription", identity, body=later | {"targetVersion": 1}, status=400, detail=same)
    said = scene.call("migrateSubscription", identity, body={"timing": "immediate"}).body
    stage.removed_later(scene, said["next"])
    expect.contains("the one that ended", said["current"], {"id": identity, "status": "inactive"})
    version = {"id": second["id"], "key": first["key"], "version": 2}
    expect.contains("the one that follows", said["next"], {"status": "active", "plan": version})
    expect.equal("its items", stage.items("its phases", said["next"]), {"main": ["fee", "seat"]})
