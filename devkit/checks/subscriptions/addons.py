"""Add-ons of subscriptions: what they add, how many there may be."""

from typing import Any

from devkit.checks import expect
from devkit.checks.product_catalog.bodies import NO_ID, Body, addon, phase, plan
from devkit.checks.registry import check
from devkit.checks.scene import Scene
from devkit.checks.subscriptions import stage


def _allowance(scene: Scene, calls: int) -> Body:
    """So many calls every month."""
    template = {"type": "metered", "isSoftLimit": False, "usagePeriod": "P1M", "issueAfterReset": calls}
    key = scene.slug("calls")
    return stage.free(key, featureKey=key, entitlementTemplate=template)


def _catalog(scene: Scene) -> tuple[Body, Body]:
    """A plan of 100 calls, and an add-on of 10 more that can be bought up to three times."""
    meter = scene.meter("calls", "COUNT", event_type=scene.name("call"))
    scene.setup("createFeature", body={"key": scene.slug("calls"), "name": "Calls", "meterSlug": meter}, status=201)
    extra = addon(scene, "extra", _allowance(scene, 10), instanceType="multiple")
    extra = scene.setup("publishAddon", scene.setup("createAddon", body=extra, status=201)["id"])
    draft = scene.setup("createPlan", body=plan(scene, "basic", phase(_allowance(scene, 100))), status=201)
    assignment = {"addonId": extra["id"], "fromPlanPhase": "main", "maxQuantity": 3}
    scene.setup("createPlanAddon", draft["id"], body=assignment, status=201)
    return dict(scene.setup("publishPlan", draft["id"])), dict(extra)


@check(
    "an add-on gives more of what the plan gives, as often as it is bought",
    operations=(
        "createSubscriptionAddon",
        "listSubscriptionAddons",
        "getSubscriptionAddon",
        "updateSubscriptionAddon",
    ),
)
def addon_of_a_subscription(scene: Scene) -> None:
    basic, extra = _catalog(scene)
    buyer = stage.customer(scene)
    made = scene.setup("createSubscription", body=stage.request(scene, buyer, basic["key"]), status=201)
    identity = made["id"]

    def granted() -> Any:
        return scene.setup("getCustomerEntitlementValue", buyer, scene.slug("calls"))["totalAvailableGrantAmount"]

    def asked(quantity: int, **changes: Any) -> Body:
        return {"addon": {"id": extra["id"]}, "quantity": quantity, "timing": "immediate", "name": "Extra", **changes}

    expect.equal("what the plan grants", granted(), 100)
    bought = scene.call("createSubscriptionAddon", identity, body=asked(2)).body
    expect.contains("the add-on", bought, {"quantity": 2, "subscriptionId": identity})
    expect.contains("what it is", bought["addon"], {"id": extra["id"], "key": extra["key"], "version": 1})
    expect.equal("what is granted with it", granted(), 120)
    lasting = ("id", "quantity", "activeFrom", "addon", "timeline")
    same = {name: bought[name] for name in lasting}
    expect.contains("the add-on read", scene.call("getSubscriptionAddon", identity, bought["id"]).body, same)
    listed = expect.array("the add-ons", scene.call("listSubscriptionAddons", identity).body)
    expect.equal("how many are listed", len(listed), 1)
    expect.contains("the add-on listed", listed[0], same)

    less = {"quantity": 1, "timing": "immediate"}
    fewer = scene.call("updateSubscriptionAddon", identity, bought["id"], body=less).body
    expect.equal("its quantities", expect.fields("its timeline", fewer["timeline"], "quantity"), [2, 1])
    expect.equal("what is granted with less of it", granted(), 110)
    limit = f"validation error: addon {extra['key']}@1 can be added a maximum of 3 times"
    more = less | {"quantity": 4}
    scene.refused("updateSubscriptionAddon", identity, bought["id"], body=more, status=400, detail=limit)
    scene.refused("createSubscriptionAddon", identity, body=asked(4), status=400, detail=limit)
    stranger = f"not found error: add-on not found. [namespace=default id={NO_ID}]"
    unknown = asked(1, addon={"id": NO_ID})
    scene.refused("createSubscriptionAddon", identity, body=unknown, status=404, detail=stranger)
    absent = f"not found error: subscription addon {NO_ID} not found"
    scene.refused("getSubscriptionAddon", identity, NO_ID, status=404, detail=absent)
    scene.refused("listSubscriptionAddons", NO_ID, status=404, detail=stage.UNKNOWN.format(NO_ID))
