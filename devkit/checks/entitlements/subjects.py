"""Entitlements of subjects (v1): their life and what is refused."""

from devkit.checks import expect
from devkit.checks.entitlements.stage import NO_ID, balance, staged
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene

GONE = f"entitlement not found {NO_ID} in namespace default"


@check(
    "an entitlement of a subject reads back, is one of its kind and can be deleted",
    operations=("createEntitlement", "getEntitlement", "listSubjectEntitlements", "deleteEntitlement"),
)
def life_of_a_subjects_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature()
    body = stage.metered(feature, issueAfterReset=100, isSoftLimit=True, metadata={"tier": "pro"})
    made = scene.call("createEntitlement", stage.subject, body=body, status=201).body
    shown = {"subjectKey": stage.subject, "isUnlimited": False, "preserveOverageAtReset": False, "activeTo": ABSENT}
    period = {"interval": "P100Y", "intervalISO": "P100Y", "anchor": stage.at()}
    shown |= {"usagePeriod": period, "lastReset": stage.at()}
    expect.contains("the entitlement", made, body | shown)
    identity = made["id"]
    expect.equal("the entitlement read back", scene.call("getEntitlement", stage.subject, identity).body, made)
    listed = scene.call("listSubjectEntitlements", stage.subject).body
    expect.equal("the subject's entitlements", listed, [made])

    taken = f"entitlement with id {identity} already exists for feature {made['featureId']} and customer "
    refusal = scene.refused("createEntitlement", stage.subject, body=body, status=409, part=True, detail=taken)
    named = {"extensions": {"conflictingEntityId": identity}}
    expect.contains("the refusal of a second entitlement", refusal.body, named)
    nobody = scene.name("nobody")
    unknown = f"not found error: subject not found [namespace=default subject.idOrKey={nobody}]"
    scene.refused("listSubjectEntitlements", nobody, status=404, detail=unknown)

    scene.call("deleteEntitlement", stage.subject, identity, status=204)
    gone = f"entitlement not found {identity} in namespace default"
    scene.refused("getEntitlement", stage.subject, identity, status=404, detail=gone)
    scene.refused("deleteEntitlement", stage.subject, identity, status=404, detail=gone)
    expect.equal("the entitlements after", scene.call("listSubjectEntitlements", stage.subject).body, [])


@check("an override of a subject's entitlement starts from scratch", operations=("overrideEntitlement",))
def override_of_a_subjects_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature(used=True)
    before = stage.metered(feature, issueAfterReset=100)
    old = scene.setup("createEntitlement", stage.subject, body=before, status=201)
    body = stage.metered(feature, issueAfterReset=500)
    made = scene.call("overrideEntitlement", stage.subject, feature, body=body, status=201).body
    expect.true(f"the new entitlement has the old one's id {old['id']}", made["id"] != old["id"])
    ended = scene.setup("getEntitlement", stage.subject, old["id"])
    expect.true("the old entitlement has no end", ended.get("activeTo"))
    value = scene.setup("getEntitlementValue", stage.subject, feature)
    expect.equal("the new value", value, {"hasAccess": True, **balance(440, 60)})
    expect.equal("the old value", scene.setup("getEntitlementValue", stage.subject, old["id"]), {"hasAccess": False})
    scene.refused("overrideEntitlement", stage.subject, NO_ID, body=body, status=404, detail=GONE)


@check("static and boolean entitlements need no meter", operations=("createEntitlement",))
def entitlements_without_usage(scene: Scene) -> None:
    stage = staged(scene)
    models, sso = stage.feature("models"), stage.feature("sso")
    body = {"type": "static", "featureKey": models, "config": '{"names":["gpt-4"],"max":2}'}
    static = scene.call("createEntitlement", stage.subject, body=body, status=201).body
    expect.contains("the static entitlement", static, {"config": '{"max": 2, "names": ["gpt-4"]}', "type": "static"})
    value = scene.setup("getEntitlementValue", stage.subject, models)
    expect.equal("its value", value, {"hasAccess": True, "config": static["config"]})
    made = scene.call("createEntitlement", stage.subject, body={"type": "boolean", "featureKey": sso}, status=201).body
    expect.contains("the boolean entitlement", made, {"type": "boolean", "featureKey": sso, "config": ABSENT})

    unreadable = {**body, "config": "{"}
    scene.refused(
        "createEntitlement",
        stage.subject,
        body=unreadable,
        status=400,
        detail="validation error: invalid JSON config",
    )
    meterless = stage.metered(stage.feature("bare"))
    scene.refused(
        "createEntitlement", stage.subject, body=meterless, status=400, part=True, detail=": Feature has no meter"
    )
    missing = {"type": "boolean", "featureKey": scene.slug("missing")}
    unknown = f"feature not found: {missing['featureKey']}"
    scene.refused("createEntitlement", stage.subject, body=missing, status=404, detail=unknown)
