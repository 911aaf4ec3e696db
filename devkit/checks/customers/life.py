"""Customers as resources: create, read, replace, delete, list, and what is refused."""

from typing import Any

from devkit.checks import expect
from devkit.checks.customers.bodies import ADDRESS, SCHEMA, customer, refused_deleted, refused_unknown, subjects
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene


def _full(scene: Scene) -> dict[str, Any]:
    return customer(
        scene,
        "acme",
        description="Buys much",
        primaryEmail="acme@example.com",
        currency="EUR",
        billingAddress=ADDRESS,
        metadata={"tier": "gold"},
        usageAttribution=subjects(scene.name("zoe"), scene.name("alice")),
    )


@check("a customer reads back as it was created, by key and by id", operations=("createCustomer", "getCustomer"))
def created_customer_reads_back(scene: Scene) -> None:
    body = _full(scene)
    made = scene.call("createCustomer", body=body, status=201).body
    ordered = {"usageAttribution": subjects(scene.name("alice"), scene.name("zoe"))}
    expect.contains("the customer", made, {**body, **ordered, "deletedAt": ABSENT, "currentSubscriptionId": ABSENT})
    for name in (made["id"], made["key"]):
        expect.equal(f"the customer read by {name}", scene.call("getCustomer", name).body, made)
    least = scene.call("createCustomer", body=customer(scene, "bare"), status=201).body
    absent = dict.fromkeys(("usageAttribution", "currency", "billingAddress", "metadata"), ABSENT)
    expect.contains("a customer with the least", least, absent)
    refused_unknown(scene, "getCustomer")

    nameless = f'{SCHEMA}CustomerCreate: Error at "/name": property "name" is missing'
    scene.refused("createCustomer", body={"key": scene.slug("odd")}, status=400, detail=nameless)
    unreachable = "either key or usageAttribution.subjectKeys must be provided"
    scene.refused("createCustomer", body={"name": "Odd"}, status=400, part=True, detail=unreachable)


@check("keys and subjects of customers do not collide", operations=("createCustomer",))
def customers_do_not_collide(scene: Scene) -> None:
    alice = scene.name("alice")
    first = scene.call("createCustomer", body=customer(scene, "acme", usageAttribution=subjects(alice)), status=201)
    key, identity = first.body["key"], first.body["id"]
    used = f'conflict error: key "{key}" is already used by an another customer in the namespace default'
    scene.refused("createCustomer", body=customer(scene, "acme"), status=409, detail=used)
    other = customer(scene, "other", usageAttribution=subjects(alice))
    claimed = f"conflict error: one or multiple subject keys of [{alice}] are already associated with"
    claimed += " an different customer in the namespace default"
    scene.refused("createCustomer", body=other, status=409, detail=claimed)
    of_a_subject = f"conflict error: key {alice} overlaps with subject of another customer: {identity}"
    scene.refused("createCustomer", body=customer(scene, "other", key=alice), status=409, detail=of_a_subject)
    of_an_id = f"conflict error: key {identity} overlaps with id of another customer"
    scene.refused("createCustomer", body=customer(scene, "other", key=identity), status=409, detail=of_an_id)


@check("an update replaces a customer, but keeps its currency and e-mail", operations=("updateCustomer",))
def update_replaces_a_customer(scene: Scene) -> None:
    made = scene.setup("createCustomer", body=_full(scene), status=201)
    identity = made["id"]
    moved = customer(scene, "acme", name="Moved", billingAddress={"city": "Szeged"})
    updated = scene.call("updateCustomer", identity, body=moved).body
    kept = {"currency": "EUR", "primaryEmail": "acme@example.com", "billingAddress": ADDRESS | {"city": "Szeged"}}
    cleared = dict.fromkeys(("description", "metadata", "usageAttribution"), ABSENT)
    expect.contains("the updated customer", updated, {"name": "Moved", "id": identity, **kept, **cleared})
    expect.equal("the customer read again", scene.setup("getCustomer", made["key"]), updated)

    bare = scene.call("updateCustomer", made["key"], body=customer(scene, "acme")).body
    expect.contains("a customer without address", bare, {"billingAddress": ABSENT, "currency": "EUR"})
    unreachable = "validation error: validation error: validation error: "
    unreachable += "either key or usageAttribution.subjectKeys must be provided"
    scene.refused("updateCustomer", identity, body={"name": "Nothing"}, status=400, detail=unreachable)
    refused_unknown(scene, "updateCustomer", body=moved)


@check("a deleted customer is found by id only and frees its key", operations=("deleteCustomer", "getCustomer"))
def deleted_customer_frees_its_key(scene: Scene) -> None:
    body = customer(scene, "acme", usageAttribution=subjects(scene.name("alice")))
    first = scene.setup("createCustomer", body=body, status=201)
    feature = {"key": scene.slug("sso"), "name": "SSO"}
    scene.setup("createFeature", body=feature, status=201)
    entitled = ("deleteCustomerEntitlementV2", first["id"], feature["key"])
    scene.remove_later(*entitled)
    right = {"type": "boolean", "featureKey": feature["key"]}
    scene.setup("createCustomerEntitlementV2", first["id"], body=right, status=201)
    entitled_still = f"conflict error: customer {first['id']} still has active entitlements, "
    entitled_still += "please remove them before deleting the customer"
    scene.refused("deleteCustomer", first["key"], status=409, detail=entitled_still)
    scene.setup(*entitled, status=204)

    scene.call("deleteCustomer", first["key"], status=204)
    deleted = scene.call("getCustomer", first["id"]).body
    expect.true("the deleted customer has no deletedAt", deleted.get("deletedAt"))
    by_key = f"not found error: customer with id or key {first['key']} not found in default namespace"
    scene.refused("getCustomer", first["key"], status=404, detail=by_key)
    refused_deleted(scene, "deleteCustomer", first["id"])
    second = scene.setup("createCustomer", body=body, status=201)
    expect.true(f"the second customer has the first one's id {first['id']}", second["id"] != first["id"])


@check("customers are listed in the order asked for, and every filter narrows", operations=("listCustomers",))
def customers_are_listed(scene: Scene) -> None:
    for what in ("Bravo", "Alpha", "Gone"):
        key = scene.slug(what.lower())
        owned = {"primaryEmail": f"{what}@example.com", "usageAttribution": subjects(scene.name(f"{what}-user"))}
        scene.setup("createCustomer", body={"key": key, "name": f"{what} {scene.token}", **owned}, status=201)
    scene.setup("deleteCustomer", scene.slug("gone"), status=204)

    def named(**query: Any) -> list[str]:
        page = scene.call("listCustomers", query={"key": scene.token} | query).body
        return [name.partition(" ")[0] for name in expect.fields("the customers", page["items"], "name")]

    expect.equal("ours by name", named(), ["Alpha", "Bravo"])
    expect.equal("ours by creation, last first", named(orderBy="createdAt", order="DESC"), ["Alpha", "Bravo"])
    expect.equal("ours with the deleted one", named(includeDeleted="true"), ["Alpha", "Bravo", "Gone"])
    expect.equal("ours of a name", named(name="BRAVO"), ["Bravo"])
    expect.equal("ours of an address", named(primaryEmail="alpha@"), ["Alpha"])
    expect.equal("ours of a subject", named(subject="bravo-user"), ["Bravo"])
    second = scene.call("listCustomers", query={"key": scene.token, "page": 2, "pageSize": 1}).body
    expect.contains("the second page", second, {"page": 2, "pageSize": 1, "totalCount": 2})
    expect.equal("what it shows", expect.fields("the page", second["items"], "key"), [scene.slug("bravo")])
    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listCustomers", query={"page": 0}, status=400, detail=low)
