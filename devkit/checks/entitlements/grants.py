"""Grants: what entitlements are burnt from, in both versions."""

from typing import Any

from devkit.checks import expect
from devkit.checks.entitlements.stage import NO_ID, UNKNOWN_CUSTOMER, Body, Stage, balance, staged
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene

TEN_DAYS = {"duration": "DAY", "count": 10}


def _entitled(stage: Stage, feature: str) -> Any:
    body = stage.metered(feature)
    return stage.scene.setup("createCustomerEntitlementV2", stage.customer, body=body, status=201)


def _refused_amount(scene: Scene, operation: str, *path: str, body: Body) -> None:
    answer = scene.refused(operation, *path, body={**body, "amount": 0}, status=400, detail=None)
    issues = expect.field("the refusal of nothing", answer.body, "extensions", "validationErrors")
    expect.equal("the code", expect.fields("the issues", issues, "code"), ["grant_amount_must_be_positive"])


@check(
    "grants of a subject's entitlement expire and do not roll over", operations=("createGrant", "listEntitlementGrants")
)
def grants_of_a_subject(scene: Scene) -> None:
    stage = staged(scene)
    feature, sso = stage.metered_feature(used=True), stage.feature("sso")
    identity = _entitled(stage, feature)["id"]
    body = {"amount": 100, "priority": 5, "effectiveAt": stage.at(), "expiration": TEN_DAYS, "metadata": {"by": "card"}}
    made = scene.call("createGrant", stage.subject, feature, body=body, status=201).body
    shown = {
        "entitlementId": identity,
        "minRolloverAmount": 0,
        "maxRolloverAmount": 0,
        "voidedAt": ABSENT,
        "expiresAt": stage.at(days=10),
    }
    expect.contains("the grant", made, body | shown)
    expect.equal("the grants", scene.call("listEntitlementGrants", stage.subject, identity).body, [made])
    value = scene.setup("getEntitlementValue", stage.subject, feature)
    expect.equal("the value", value, {"hasAccess": True, **balance(40, 60)})

    _refused_amount(scene, "createGrant", stage.subject, feature, body=body)
    early = {**body, "effectiveAt": stage.at(hours=-1)}
    scene.refused(
        "createGrant",
        stage.subject,
        feature,
        body=early,
        status=400,
        part=True,
        detail="is before the current usage period",
    )
    scene.setup("createCustomerEntitlementV2", stage.customer, body={"type": "boolean", "featureKey": sso}, status=201)
    not_metered = "expected entitlement type metered but got boolean"
    scene.refused("createGrant", stage.subject, sso, body=body, status=400, detail=not_metered)
    unknown = f"entitlement not found {NO_ID} in namespace default"
    scene.refused("listEntitlementGrants", stage.subject, NO_ID, status=404, detail=unknown)


@check(
    "grants of a customer's entitlement roll over, recur and burn by priority",
    operations=("createCustomerEntitlementGrantV2", "listCustomerEntitlementGrantsV2"),
)
def grants_of_a_customer(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature(used=True)
    _entitled(stage, feature)
    path = (stage.customer, feature)
    body = {"amount": 100, "effectiveAt": stage.at()}
    kept = scene.call("createCustomerEntitlementGrantV2", *path, body={**body, "priority": 9}, status=201).body
    whole = {"maxRolloverAmount": 100, "minRolloverAmount": 0, "expiration": ABSENT, "expiresAt": ABSENT}
    expect.contains("a grant without an end", kept, whole)
    recurring = {**body, "amount": 8, "recurrence": {"interval": "YEAR", "anchor": stage.at()}}
    yearly = scene.call("createCustomerEntitlementGrantV2", *path, body=recurring, status=201).body
    again = {"recurrence": {"interval": "YEAR", "intervalISO": "P1Y", "anchor": stage.at()}, "priority": 0}
    expect.contains("a grant that recurs", yearly, again)
    page = scene.call("listCustomerEntitlementGrantsV2", *path).body
    expect.equal("the grants", expect.fields("grants", page["items"], "id"), [kept["id"], yearly["id"]])
    value = scene.setup("getCustomerEntitlementValueV2", *path)
    burnt = {"grantBalances": {kept["id"]: 48, yearly["id"]: 0}}
    expect.equal("the value", value, {"hasAccess": True, **balance(48, 60), **burnt})

    _refused_amount(scene, "createCustomerEntitlementGrantV2", *path, body=body)
    nobody = scene.slug("nobody")
    unknown = UNKNOWN_CUSTOMER.format(nobody)
    scene.refused("createCustomerEntitlementGrantV2", nobody, feature, body=body, status=404, detail=unknown)
    scene.refused("listCustomerEntitlementGrantsV2", nobody, feature, status=404, detail=unknown)


@check("a voided grant gives nothing more and stays listed", operations=("voidGrant", "listGrants", "listGrantsV2"))
def voided_grant_stays_listed(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature(used=True)
    _entitled(stage, feature)
    grants = [
        scene.setup(
            "createCustomerEntitlementGrantV2",
            stage.customer,
            feature,
            body={"amount": amount, "effectiveAt": stage.at(minutes=minutes)},
            status=201,
        )["id"]
        for minutes, amount in enumerate((100, 45))
    ]
    scene.call("voidGrant", grants[0], query={"at": stage.at(hours=1, minutes=30)}, status=204)
    listed = expect.array("the grants", scene.call("listGrants", query={"feature": feature}).body)
    expect.equal("the grants by their start", expect.fields("the grants", listed, "id"), grants)
    ends = [grant.get("voidedAt") for grant in listed]
    expect.equal("when they were voided", ends, [stage.at(hours=1, minutes=30), None])
    query = {"customer": stage.customer, "order": "DESC", "page": 1, "pageSize": 10}
    page = scene.call("listGrantsV2", query=query).body
    expect.contains("the page of grants", page, {"page": 1, "pageSize": 10, "totalCount": 2})
    expect.equal("the grants, last first", expect.fields("the grants", page["items"], "id"), grants[::-1])
    value = scene.setup("getCustomerEntitlementValueV2", stage.customer, feature)
    expect.contains("the value", value, {"balance": 15, "usage": 60, "overage": 0})

    scene.refused("voidGrant", grants[0], status=400, detail="validation error: grant already voided")
    scene.refused("voidGrant", NO_ID, status=404, detail=f"grant not found: {NO_ID}")
    scene.refused("listGrants", query={"orderBy": "id"}, status=400, part=True, detail="invalid order by")
    nobody = scene.slug("nobody")
    scene.refused("listGrantsV2", query={"customer": nobody}, status=404, part=True, detail=f"{nobody} not found")
