"""Subscriptions begin, are read, canceled, continued and deleted."""

from datetime import timedelta

from devkit.checks import expect
from devkit.checks.billing import stage as billing
from devkit.checks.expect import ABSENT
from devkit.checks.product_catalog.bodies import NO_ID, flat, phase
from devkit.checks.registry import check
from devkit.checks.scene import Scene
from devkit.checks.subscriptions import stage

_FORBIDDEN = "forbidden error: transition {} in state {} not allowed"


@check(
    "a subscription follows the phases of its plan, and a customer has one at a time",
    operations=("createSubscription", "getSubscription"),
)
def subscription_to_a_plan(scene: Scene) -> None:
    plan = stage.active_plan(scene, "basic", *stage.two_phases(stage.free("fee"), stage.free("seat")))
    buyer = stage.customer(scene)
    body = stage.request(scene, buyer, plan["key"], metadata={"tier": "gold"})
    made = scene.call("createSubscription", body=body, status=201).body
    source = {"id": plan["id"], "key": plan["key"], "version": 1}
    expect.contains("the subscription", made, {"status": "active", "plan": source, "customerId": buyer})
    expect.contains("its terms", made, {"billingCadence": "P1M", "currency": "USD", "metadata": {"tier": "gold"}})
    shown = scene.call("getSubscription", made["id"]).body
    expect.equal("its items", stage.items("its phases", shown), {"trial": ["fee"], "main": ["fee", "seat"]})
    expect.equal("its phases begin", stage.begins("its phases", shown), [timedelta(), stage.SECOND_PHASE_AFTER])

    again = scene.refused("createSubscription", body=body, status=409, detail=None)
    issues = expect.field("the refusal", again.body, "extensions", "validationErrors")
    codes = set(expect.fields("its issues", issues, "code"))
    expect.equal("its codes", sorted(codes), ["only_single_subscription_allowed_per_customer_at_a_time"])
    nowhere = stage.request(scene, buyer, scene.slug("nope"))
    unknown = f"not found error: plan {scene.slug('nope')} with version 0 not found"
    scene.refused("createSubscription", body=nowhere, status=404, detail=unknown)
    scene.refused("getSubscription", NO_ID, status=404, detail=stage.UNKNOWN.format(NO_ID))


@check(
    "a subscription that is still to begin can be deleted, a running one cannot",
    operations=("createSubscription", "deleteSubscription", "getSubscription"),
)
def scheduled_subscription_is_deleted(scene: Scene) -> None:
    own = stage.own_plan(scene, phase(flat("fee", "9.50")))
    start = scene.ago(days=-3)
    customer = stage.customer(scene)
    # By default the server may bill through an app that wants to know the customer first.
    billing.pin(scene, customer, billing.sandbox(scene))
    asked = {"customerId": customer, "customPlan": own, "timing": start}
    made = scene.call("createSubscription", body=asked, status=201).body
    stage.removed_later(scene, made)
    wanted = {"status": "scheduled", "activeFrom": start, "plan": ABSENT, "name": own["name"]}
    expect.contains("the subscription", made, wanted)
    shown = scene.call("getSubscription", made["id"]).body
    price = {"type": "flat", "amount": "9.5", "paymentTerm": "in_advance"}
    expect.equal("its price", expect.field("its item", shown["phases"][0]["items"][0], "price"), price)
    scene.call("deleteSubscription", made["id"], status=204)
    gone = stage.UNKNOWN.format(made["id"])
    scene.refused("getSubscription", made["id"], status=404, detail=gone)
    scene.refused("deleteSubscription", made["id"], status=404, detail=gone)

    running = scene.setup("createSubscription", body=asked | {"timing": "immediate"}, status=201)
    stage.removed_later(scene, running)
    scene.refused("deleteSubscription", running["id"], status=403, detail=_FORBIDDEN.format("delete", "active"))


@check(
    "a canceled subscription ends with its billing period unless it is continued",
    operations=("cancelSubscription", "unscheduleCancelation"),
)
def canceled_subscription_is_continued(scene: Scene) -> None:
    plan = stage.active_plan(scene, "basic")
    made = scene.setup("createSubscription", body=stage.request(scene, stage.customer(scene), plan["key"]), status=201)
    identity = made["id"]
    nothing = _FORBIDDEN.format("continue", "active")
    scene.refused("unscheduleCancelation", identity, status=403, detail=nothing)
    canceled = scene.call("cancelSubscription", identity, body={"timing": "next_billing_cycle"}).body
    period = scene.setup("getSubscription", identity)["alignment"]["currentAlignedBillingPeriod"]
    expect.contains("the canceled one", canceled, {"status": "canceled", "activeTo": period["to"]})
    twice = _FORBIDDEN.format("cancel", "canceled")
    scene.refused("cancelSubscription", identity, body={"timing": "immediate"}, status=403, detail=twice)
    continued = scene.call("unscheduleCancelation", identity).body
    expect.contains("the continued one", continued, {"status": "active", "activeTo": ABSENT})
    ended = scene.call("cancelSubscription", identity, body={"timing": "immediate"}).body
    expect.equal("the status of the ended one", ended["status"], "inactive")
    scene.refused("cancelSubscription", NO_ID, body={}, status=404, detail=stage.UNKNOWN.format(NO_ID))
