"""Add-ons: what is sold beside a plan."""

from typing import Any

from devkit.checks import expect
from devkit.checks.product_catalog.bodies import NO_ID, SCHEMA, addon, flat, refused_with_issues
from devkit.checks.registry import check
from devkit.checks.scene import Scene

UNKNOWN = f"not found error: add-on not found. [namespace=default id={NO_ID}]"
INVALID = "invalid add-on"


@check(
    "an add-on goes from draft to active to archived to deleted, and by no other way",
    operations=("createAddon", "getAddon", "updateAddon", "publishAddon", "archiveAddon", "deleteAddon"),
)
def life_of_an_addon(scene: Scene) -> None:
    empty = addon(scene, "seats", instanceType="multiple", rateCards=[])
    draft = scene.call("createAddon", body=empty, status=201).body
    identity, key = draft["id"], empty["key"]
    refused_with_issues(
        scene, "publishAddon", identity, detail=INVALID, issues=[("$.rateCards", "addon_has_no_rate_cards")]
    )
    wrong: list[tuple[str | None, str]] = [("$.status", "addon_invalid_status")]
    refused_with_issues(scene, "archiveAddon", identity, detail=INVALID, issues=wrong)

    body = {"name": "Seats", "instanceType": "multiple", "rateCards": [flat("seat", "12.00")]}
    updated = scene.call("updateAddon", identity, body=body).body
    expect.contains("the updated draft", updated, {"name": "Seats", "key": key, "validationErrors": None, "version": 1})
    expect.equal("its amount", updated["rateCards"][0]["price"]["amount"], "12")
    scene.refused(
        "getAddon", key, status=404, detail=f"not found error: add-on not found. [namespace=default key={key}]"
    )

    active = scene.call("publishAddon", identity).body
    expect.equal("the status of the published add-on", active["status"], "active")
    expect.equal("the add-on in force", scene.call("getAddon", key).body, active)
    refused_with_issues(scene, "updateAddon", identity, body=body, detail=INVALID, issues=wrong)
    refused_with_issues(scene, "deleteAddon", identity, detail=INVALID, issues=wrong)
    expect.equal("the status of the archived add-on", scene.call("archiveAddon", identity).body["status"], "archived")
    scene.call("deleteAddon", identity, status=204)
    expect.true("the deleted add-on has no deletedAt", scene.call("getAddon", identity).body.get("deletedAt"))
    scene.refused("deleteAddon", NO_ID, status=404, detail=UNKNOWN)


@check(
    "versions of an add-on follow each other, and the list narrows by every filter",
    operations=("createAddon", "listAddons"),
)
def versions_and_lists(scene: Scene) -> None:
    body = addon(scene, "seats")
    first = scene.call("createAddon", body=body, status=201).body
    one_draft = "validation error: only a single draft version is allowed for add-on"
    scene.refused("createAddon", body=body, status=400, detail=one_draft)
    scene.setup("publishAddon", first["id"])
    second = scene.call("createAddon", body=body, status=201).body
    expect.equal("the second version", second["version"], 2)
    scene.setup("createAddon", body=addon(scene, "support"), status=201)

    def own(**query: Any) -> list[list[Any]]:
        items = expect.field("the page of add-ons", scene.call("listAddons", query=query).body, "items")
        found = [one for one in expect.array("the add-ons", items) if scene.token in one["key"]]
        return [[one["name"], one["version"], one["status"]] for one in found]

    keys = [body["key"], scene.slug("support")]
    everything = [["support", 1, "draft"], ["seats", 2, "draft"], ["seats", 1, "active"]]
    expect.equal("our add-ons", own(key=keys), everything)
    expect.equal("our drafts of one key", own(key=body["key"], status="draft"), everything[1:2])
    expect.equal("one key and the id of another", own(key=scene.slug("support"), id=first["id"]), [])
    low = 'parameter "pageSize" in query has an error: number must be at least 1'
    scene.refused("listAddons", query={"pageSize": 0}, status=400, detail=low)
    missing = f'{SCHEMA}AddonCreate: Error at "/rateCards": property "rateCards" is missing'
    without = {name: value for name, value in body.items() if name != "rateCards"}
    scene.refused("createAddon", body=without, status=400, detail=missing)
