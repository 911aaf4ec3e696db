"""The subscriptions of a customer."""

from typing import Any

from devkit.checks import expect
from devkit.checks.customers.bodies import customer, refused_deleted, refused_unknown, subjects
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene


def _plan(scene: Scene) -> str:
    fee = {"type": "flat_fee", "key": "fee", "name": "Fee", "billingCadence": "P1M", "price": None}
    phase = {"key": "main", "name": "Main", "duration": None, "rateCards": [fee]}
    body = {"key": scene.slug("basic"), "name": "Basic", "currency": "USD", "billingCadence": "P1M", "phases": [phase]}
    scene.setup("publishPlan", scene.setup("createPlan", body=body, status=201)["id"])
    return scene.slug("basic")


@check(
    "a customer shows its subscriptions, and a running one keeps it from being deleted",
    operations=("listCustomerSubscriptions", "getCustomer", "deleteCustomer", "updateCustomer"),
)
def subscriptions_of_a_customer(scene: Scene) -> None:
    scene.remove_later("deleteSubject", scene.name("bob"))
    body = customer(scene, "acme", currency="USD", usageAttribution=subjects(scene.name("alice")))
    identity = scene.setup("createCustomer", body=body, status=201)["id"]
    expect.equal("no subscriptions", scene.call("listCustomerSubscriptions", identity).body["items"], [])
    wanted = {"customerId": identity, "plan": {"key": _plan(scene)}, "name": scene.name("first")}
    running = scene.setup("createSubscription", body=wanted, status=201)
    shown = scene.call("getCustomer", identity).body
    expect.equal("its subscription", shown.get("currentSubscriptionId"), running["id"])

    def listed(**query: Any) -> list[str]:
        page = scene.call("listCustomerSubscriptions", identity, query=query).body
        return expect.fields("the subscriptions", page["items"], "name")

    expect.equal("all of them", listed(), [wanted["name"]])
    expect.equal("the active ones on a page", listed(status="active", page=1, pageSize=5), [wanted["name"]])
    expect.equal("the scheduled ones", listed(status="scheduled"), [])
    moved = body | {"usageAttribution": subjects(scene.name("bob"))}
    fixed = "validation error: cannot change subject keys for customer with active subscriptions"
    scene.refused("updateCustomer", identity, body=moved, status=400, detail=fixed)
    blocked = f"customer {identity} still have active subscriptions, please cancel them before deleting the customer"
    scene.refused("deleteCustomer", identity, status=400, detail=f"validation error: {blocked}")

    scene.setup("cancelSubscription", running["id"], body={"timing": "immediate"})
    expect.contains("the customer after", scene.call("getCustomer", identity).body, {"currentSubscriptionId": ABSENT})
    expect.equal("the inactive ones", listed(status="inactive"), [wanted["name"]])
    renamed = scene.call("updateCustomer", identity, body=moved).body
    expect.equal("its new subjects", renamed.get("usageAttribution"), moved["usageAttribution"])
    refused_unknown(scene, "listCustomerSubscriptions")
    scene.call("deleteCustomer", identity, status=204)
    refused_deleted(scene, "listCustomerSubscriptions", identity)
