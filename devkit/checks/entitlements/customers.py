"""Entitlements of customers (v2): their life and what is refused."""

from devkit.checks import expect
from devkit.checks.entitlements.stage import NO_ID, UNKNOWN_CUSTOMER, balance, staged
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene


@check(
    "an entitlement of a customer reads back by feature and by id, is listed and can be deleted",
    operations=(
        "createCustomerEntitlementV2",
        "getCustomerEntitlementV2",
        "listCustomerEntitlementsV2",
        "deleteCustomerEntitlementV2",
    ),
)
def life_of_a_customers_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature = stage.metered_feature()
    body = stage.metered(feature, issue={"amount": 100, "priority": 3}, preserveOverageAtReset=True)
    made = scene.call("createCustomerEntitlementV2", stage.customer, body=body, status=201).body
    shown = {"customerKey": stage.customer, "subjectKey": ABSENT, "isSoftLimit": False, "lastReset": stage.at()}
    expect.contains("the entitlement", made, body | shown)
    identity = made["id"]
    for name in (feature, identity):
        found = scene.call("getCustomerEntitlementV2", stage.customer, name).body
        expect.equal(f"the entitlement read by {name}", found, made)
    page = scene.call("listCustomerEntitlementsV2", stage.customer).body
    expect.equal("the page of entitlements", page, {"items": [made], "page": 1, "pageSize": 100, "totalCount": 1})

    whose = f"feature {made['featureId']} and customer {made['customerId']}"
    taken = f"entitlement with id {identity} already exists for {whose}"
    scene.refused("createCustomerEntitlementV2", stage.customer, body=body, status=409, detail=taken)
    both = {**body, "featureKey": feature, "grants": [{"amount": 1, "effectiveAt": stage.at()}]}
    scene.refused(
        "createCustomerEntitlementV2",
        stage.customer,
        body=both,
        status=400,
        detail="validation error: issueAfterReset and grants cannot be used together",
    )
    nobody = scene.slug("nobody")
    unknown = UNKNOWN_CUSTOMER.format(nobody)
    scene.refused("listCustomerEntitlementsV2", nobody, status=404, detail=unknown)

    scene.call("deleteCustomerEntitlementV2", stage.customer, feature, status=204)
    gone = f"entitlement not found {feature} in namespace default"
    scene.refused("getCustomerEntitlementV2", stage.customer, feature, status=404, detail=gone)
    scene.refused("deleteCustomerEntitlementV2", stage.customer, feature, status=404, detail=gone)


@check(
    "an override of a customer's entitlement brings grants of its own", operations=("overrideCustomerEntitlementV2",)
)
def override_of_a_customers_entitlement(scene: Scene) -> None:
    stage = staged(scene)
    feature, other = stage.metered_feature(used=True), stage.feature("sso")
    first = stage.metered(feature, issue={"amount": 100})
    old = scene.setup("createCustomerEntitlementV2", stage.customer, body=first, status=201)
    body = stage.metered(feature, isSoftLimit=True, grants=[{"amount": 50, "effectiveAt": stage.at()}])
    made = scene.call("overrideCustomerEntitlementV2", stage.customer, feature, body=body, status=201).body
    expect.contains("the new entitlement", made, {"isSoftLimit": True, "issue": {"amount": 0}})
    value = scene.setup("getCustomerEntitlementValueV2", stage.customer, feature)
    expect.contains("the new value", value, {"hasAccess": True, **balance(0, 60, overage=10)})
    of_the_old = scene.setup("getCustomerEntitlementValueV2", stage.customer, old["id"])
    expect.equal("the value of the old one", of_the_old, {})
    scene.refused(
        "overrideCustomerEntitlementV2",
        stage.customer,
        NO_ID,
        body=body,
        status=404,
        detail=f"entitlement not found {NO_ID} in namespace default",
    )
    scene.refused(
        "overrideCustomerEntitlementV2",
        stage.customer,
        feature,
        body={"type": "boolean", "featureKey": other},
        status=400,
        detail="validation error: old and new entitlements belong to different features",
    )


@check(
    "access tells what a customer may use right now",
    operations=("getCustomerAccess", "getCustomerEntitlementValue"),
)
def access_of_a_customer(scene: Scene) -> None:
    stage = staged(scene)
    expect.equal("the access to nothing", scene.call("getCustomerAccess", stage.customer).body, {"entitlements": {}})
    tokens, sso, models = stage.metered_feature(used=True), stage.feature("sso"), stage.feature("models")
    bodies = [
        stage.metered(tokens, issue={"amount": 45}),
        {"type": "boolean", "featureKey": sso},
        {"type": "static", "featureKey": models, "config": '"all"'},
    ]
    for body in bodies:
        scene.setup("createCustomerEntitlementV2", stage.customer, body=body, status=201)
    access = scene.call("getCustomerAccess", stage.customer).body
    spent = {"hasAccess": ABSENT, **balance(0, 60, overage=15)}
    static = {"hasAccess": True, "config": '"all"'}
    expect.contains("the access", access, {"entitlements": {tokens: spent, sso: {"hasAccess": True}, models: static}})

    values = {
        tokens: {"hasAccess": False, **balance(0, 60, overage=15)},
        sso: {"hasAccess": True},
        models: static,
        scene.slug("missing"): {"hasAccess": False},
    }
    for feature, value in values.items():
        found = scene.call("getCustomerEntitlementValue", stage.customer, feature).body
        expect.equal(f"the value of {feature}", found, value)

    nobody = scene.slug("nobody")
    unknown = UNKNOWN_CUSTOMER.format(nobody)
    scene.refused("getCustomerAccess", nobody, status=404, detail=unknown)
    scene.refused("getCustomerEntitlementValue", nobody, sso, status=404, detail=unknown)
