"""Billing profiles, and the overrides that pin customers to them."""

from typing import Any

from devkit.checks import expect
from devkit.checks.billing.stage import NO_ID, SUPPLIER, profile, sandbox
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene


@check(
    "a billing profile reads back, is replaced, listed and deleted",
    operations=(
        "createBillingProfile",
        "getBillingProfile",
        "updateBillingProfile",
        "listBillingProfiles",
        "deleteBillingProfile",
    ),
)
def life_of_a_profile(scene: Scene) -> None:
    app = sandbox(scene)
    workflow: dict[str, Any] = {
        "collection": {"interval": "P2D"},
        "invoicing": {"autoAdvance": False, "dueAfter": "P7D"},
    }
    body = profile(scene, app, **workflow) | {"metadata": {"team": "billing"}}
    made = scene.call("createBillingProfile", body=body, status=201).body
    identity = made["id"]
    expect.equal("the app of the new profile", expect.field("it", made, "apps", "invoicing", "id"), app)
    shown = scene.call("getBillingProfile", identity).body
    expect.contains("the profile", shown, {"name": body["name"], "default": False, "supplier": SUPPLIER})
    expect.equal("its apps are references", shown["apps"]["tax"], {"id": app})
    wanted: dict[str, Any] = {
        "collection": {"alignment": {"type": "subscription"}, "interval": "P2D"},
        "invoicing": {"autoAdvance": False, "draftPeriod": "P0D", "dueAfter": "P7D", "progressiveBilling": True},
        "payment": {"collectionMethod": "charge_automatically"},
        "tax": {"enabled": True, "enforced": False},
    }
    expect.contains("its workflow", shown["workflow"], wanted)

    change = {"name": scene.name("renamed"), "default": False, "supplier": SUPPLIER, "workflow": {}}
    changed = scene.call("updateBillingProfile", identity, body=change).body
    expect.contains("the changed profile", changed, {"name": change["name"], "metadata": ABSENT})
    expect.contains("its workflow", changed["workflow"]["invoicing"], {"autoAdvance": True, "dueAfter": "P30D"})
    query = {"page": 1, "pageSize": 1000}
    listed = scene.call("listBillingProfiles", query=query).body["items"]
    expect.true("the profile is not listed", identity in expect.fields("the profiles", listed, "id"))
    defaults = [one["id"] for one in listed if one["default"]]
    expect.equal("how many default profiles there are", len(defaults), 1)

    scene.call("deleteBillingProfile", identity, status=204)
    expect.true("no deletedAt", scene.call("getBillingProfile", identity).body.get("deletedAt"))
    late = f"profile already deleted [id={identity}]"
    scene.refused("updateBillingProfile", identity, body=change, status=400, detail=late)
    scene.refused("getBillingProfile", NO_ID, status=404, detail=f"profile not found [id={NO_ID}]")
    kept = f"default profile cannot be deleted [id={defaults[0]}]"
    scene.refused("deleteBillingProfile", defaults[0], status=400, detail=kept)
    nameless = body | {"supplier": {"addresses": [{"country": "US"}]}}
    scene.refused("createBillingProfile", body=nameless, status=400, detail="invalid supplier: name is required")
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listBillingProfiles", query={"page": 0}, status=400, detail=low)


@check(
    "an override pins a customer to a profile, and keeps that from being deleted",
    operations=(
        "upsertBillingProfileCustomerOverride",
        "getBillingProfileCustomerOverride",
        "listBillingProfileCustomerOverrides",
        "deleteBillingProfileCustomerOverride",
        "deleteBillingProfile",
    ),
)
def overrides_of_a_customer(scene: Scene) -> None:
    body = profile(scene, sandbox(scene), payment={"collectionMethod": "send_invoice"})
    pinned = scene.setup("createBillingProfile", body=body, status=201)["id"]
    wanted = {"key": scene.slug("payer"), "name": scene.name("payer")}
    customer = scene.setup("createCustomer", body=wanted, status=201)["id"]
    scene.remove_later("deleteBillingProfileCustomerOverride", customer)

    before = scene.call("getBillingProfileCustomerOverride", customer).body
    expect.contains("a customer without override", before, {"customerOverride": ABSENT})
    made = scene.call("upsertBillingProfileCustomerOverride", customer, body={"billingProfileId": pinned}).body
    expect.equal("the pinned profile", expect.field("it", made, "customerOverride", "billingProfileId"), pinned)
    after = scene.call("getBillingProfileCustomerOverride", customer, query={"expand": "customer"}).body
    expect.contains("the override", after, {"baseBillingProfileId": pinned, "customer": {"id": customer}})
    method = expect.field("its profile", after, "customerProfile", "workflow", "payment", "collectionMethod")
    expect.equal("how it is collected", method, "send_invoice")

    def listed(**query: Any) -> int:
        page = {"customerName": scene.token, "page": 1, "pageSize": 10}
        found = scene.call("listBillingProfileCustomerOverrides", query=page | query).body
        return len(expect.array("the overrides", found["items"]))

    expect.equal("overrides of our customers", listed(), 1)
    expect.equal("those to another profile", listed(billingProfile=NO_ID), 0)
    both = "customersWithoutPinnedProfile cannot be used with billingProfiles"
    query = {"customersWithoutPinnedProfile": "true", "billingProfile": pinned, "page": 1, "pageSize": 10}
    scene.refused("listBillingProfileCustomerOverrides", query=query, status=400, part=True, detail=both)
    scene.refused("deleteBillingProfile", pinned, status=400, part=True, detail="profile is referenced")
    odd = {"billingProfileId": "nothing"}
    scene.refused(
        "upsertBillingProfileCustomerOverride", customer, body=odd, status=400, part=True, detail="regular expression"
    )

    scene.call("deleteBillingProfileCustomerOverride", customer, status=204)
    gone = f"customer override not found [BillingCustomerOverride/{customer}]"
    scene.refused("deleteBillingProfileCustomerOverride", customer, status=404, detail=gone)
    unknown = f"not found error: customer with id {NO_ID} not found in default namespace"
    scene.refused("getBillingProfileCustomerOverride", NO_ID, status=404, detail=unknown)
