"""Entitlements across customers, in both versions."""

from typing import Any

from devkit.checks import expect
from devkit.checks.entitlements.stage import NO_ID, staged
from devkit.checks.registry import check
from devkit.checks.scene import Scene

GONE = f"entitlement not found {NO_ID} in namespace default"
ODD = 'value is not one of the allowed values ["metered","boolean","static"]'


@check(
    "entitlements of all customers are found by id and narrowed by every filter",
    operations=("listEntitlements", "getEntitlementById", "listEntitlementsV2", "getEntitlementByIdV2"),
)
def entitlements_are_listed(scene: Scene) -> None:
    stage = staged(scene)
    tokens, sso = stage.metered_feature(), stage.feature("sso")
    bodies = [stage.metered(tokens), {"type": "boolean", "featureKey": sso}]
    made = [scene.setup("createEntitlement", stage.subject, body=body, status=201) for body in bodies]
    ids = [one["id"] for one in made]

    def v1(**query: Any) -> list[str]:
        return expect.fields("the entitlements", scene.call("listEntitlements", query=query).body, "id")

    def v2(**query: Any) -> list[str]:
        page = scene.call("listEntitlementsV2", query=query).body
        return expect.fields("the page of entitlements", expect.field("the page", page, "items"), "id")

    expect.equal("those of a subject", v1(subject=stage.subject), ids)
    expect.equal("those of a subject, last first", v1(subject=stage.subject, order="DESC"), ids[::-1])
    expect.equal("those of a feature", v1(feature=sso), ids[1:])
    expect.equal("the metered ones of a customer", v2(customerKeys=stage.customer, entitlementType="metered"), ids[:1])
    expect.equal("the second page", v2(feature=[tokens, sso], page=2, pageSize=1), ids[1:])
    for operation in ("getEntitlementById", "getEntitlementByIdV2"):
        found = scene.call(operation, ids[0]).body
        same = {name: made[0][name] for name in ("id", "featureKey", "type", "usagePeriod", "lastReset")}
        expect.contains(f"the entitlement by {operation}", found, same)
        scene.refused(operation, NO_ID, status=404, detail=GONE)

    scene.setup("deleteEntitlement", stage.subject, ids[0], status=204)
    expect.equal("those that are left", v1(subject=stage.subject), ids[1:])
    for operation in ("listEntitlements", "listEntitlementsV2"):
        scene.refused(
            operation, query={"entitlementType": "flat"}, status=400, part=True, detail="not one of the allowed"
        )
