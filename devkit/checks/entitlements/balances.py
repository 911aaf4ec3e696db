"""Values, history and resets of metered entitlements, in both versions."""

from typing import Any

from devkit.checks import expect
from devkit.checks.entitlements.stage import NO_ID, UNKNOWN_CUSTOMER, Stage, balance, staged
from devkit.checks.registry import check
from devkit.checks.scene import Scene

NO_WINDOW = "required param missing windowSize: Query argument windowSize is required, but not found"
NOT_METERED = "expected entitlement type metered but got boolean"
HOURS = {"windowSize": "HOUR"}


def _entitled(stage: Stage, feature: str) -> Any:
    """An entitlement to 100 units."""
    body = stage.metered(feature, issue={"amount": 100})
    return stage.scene.setup("createCustomerEntitlementV2", stage.customer, body=body, status=201)


@check(
    "a value counts usage against the grants, and grants by priority",
    operations=("getEntitlementValue", "getCustomerEntitlementValueV2"),
)
def value_of_an_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature(used=True)
    made = _entitled(stage, feature)
    late = {"amount": 25, "priority": 2, "effectiveAt": stage.at()}
    second = scene.setup("createCustomerEntitlementGrantV2", stage.customer, feature, body=late, status=201)["id"]
    for name in (feature, made["id"]):
        v1 = scene.call("getEntitlementValue", stage.subject, name).body
        expect.equal(f"the value of {name}", v1, {"hasAccess": True, **balance(65, 60)})
    v2 = scene.call("getCustomerEntitlementValueV2", stage.customer, feature).body
    grants = v2.pop("grantBalances", {})
    expect.equal("the value of the customer", v2, {"hasAccess": True, **balance(65, 60)})
    expect.equal("the balance of the later grant", grants.pop(second, None), 25)
    expect.equal("the balance of the grant that was issued", list(grants.values()), [40])

    missing = scene.slug("missing")
    scene.refused(
        "getEntitlementValue",
        stage.subject,
        missing,
        status=404,
        detail=f"entitlement not found {missing} in namespace default",
    )
    none = scene.call("getCustomerEntitlementValueV2", stage.customer, missing).body
    expect.equal("the value of no entitlement", none, {})
    nobody = scene.slug("nobody")
    unknown = UNKNOWN_CUSTOMER.format(nobody)
    scene.refused("getCustomerEntitlementValueV2", nobody, feature, status=404, detail=unknown)


@check(
    "the history tells usage by window and what was burnt",
    operations=("getEntitlementHistory", "getCustomerEntitlementHistoryV2"),
)
def history_of_an_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature, sso = stage.metered_feature(used=True), stage.feature("sso")
    made = _entitled(stage, feature)
    grant = scene.setup("listCustomerEntitlementGrantsV2", stage.customer, feature)["items"][0]["id"]
    query = HOURS | {"from": stage.at(), "to": stage.at(hours=3)}
    v1 = scene.call("getEntitlementHistory", stage.subject, made["id"], query=query).body
    burnt = [[window["usage"], window["balanceAtStart"]] for window in v1["windowedHistory"]]
    expect.equal("usage and balance of each hour", burnt, [[0, 100], [30, 100], [20, 70]])
    period = {"from": stage.at(), "to": stage.at(hours=3)}
    segment = {"period": period, "usage": 50, "overage": 0, "balanceAtStart": 100, "balanceAtEnd": 50}
    segment |= {"grantBalancesAtStart": {grant: 100}, "grantBalancesAtEnd": {grant: 50}}
    segment |= {"grantUsages": [{"grantId": grant, "usage": 50}]}
    expect.equal("the segments", v1["burndownHistory"], [segment])
    v2 = scene.call("getCustomerEntitlementHistoryV2", stage.customer, feature, query=query).body
    expect.equal("the history of the customer", v2, v1)

    scene.refused("getEntitlementHistory", stage.subject, made["id"], status=400, detail=NO_WINDOW)
    early = HOURS | {"from": stage.at(days=-1)}
    scene.refused(
        "getEntitlementHistory",
        stage.subject,
        made["id"],
        query=early,
        status=400,
        part=True,
        detail="cannot be before",
    )
    body = {"type": "boolean", "featureKey": sso}
    scene.setup("createCustomerEntitlementV2", stage.customer, body=body, status=201)
    scene.refused("getCustomerEntitlementHistoryV2", stage.customer, sso, query=HOURS, status=400, detail=NOT_METERED)


@check(
    "a reset starts a period in which only later usage counts",
    operations=("resetEntitlementUsage", "resetCustomerEntitlementUsageV2"),
)
def reset_of_an_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature(used=True)
    made = _entitled(stage, feature)
    at = {"effectiveAt": stage.at(hours=1, minutes=30)}
    scene.call("resetEntitlementUsage", stage.subject, made["id"], body=at, status=204)
    value = scene.setup("getEntitlementValue", stage.subject, feature)
    expect.equal("the value after one reset", value, {"hasAccess": True, **balance(70, 30)})
    later = {"effectiveAt": stage.at(hours=4), "retainAnchor": True}
    scene.call("resetCustomerEntitlementUsageV2", stage.customer, feature, body=later, status=204)
    value = scene.setup("getEntitlementValue", stage.subject, feature)
    expect.equal("the value after two resets", value, {"hasAccess": True, **balance(90, 10)})
    last = scene.setup("getCustomerEntitlementV2", stage.customer, feature)["lastReset"]
    expect.equal("the last reset", last, stage.at(hours=4))

    future = {"effectiveAt": scene.ago(days=-1)}
    scene.refused(
        "resetEntitlementUsage", stage.subject, made["id"], body=future, status=400, part=True, detail="in the future"
    )
    unknown = f"entitlement not found {NO_ID} in namespace default"
    scene.refused("resetEntitlementUsage", stage.subject, NO_ID, body={}, status=404, detail=unknown)
    scene.refused(
        "resetCustomerEntitlementUsageV2",
        stage.customer,
        feature,
        body=later,
        status=400,
        part=True,
        detail="must be after last reset at",
    )
