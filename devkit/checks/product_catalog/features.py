"""Features: what is metered, granted and sold."""

from typing import Any

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.product_catalog.bodies import phase, plan, usage
from devkit.checks.registry import check
from devkit.checks.scene import Scene


def _metered(scene: Scene) -> dict[str, Any]:
    """A feature on a meter of its own, as a request."""
    meter = scene.meter(
        "tokens", "SUM", event_type=scene.name("prompt"), valueProperty="$.tokens", groupBy={"model": "$.model"}
    )
    return {
        "key": scene.slug("gpt4"),
        "name": "GPT-4 tokens",
        "metadata": {"team": "ai"},
        "meterSlug": meter,
        "meterGroupByFilters": {"model": "gpt-4"},
        "unitCost": {"type": "manual", "amount": "0.0300"},
    }


@check("a feature reads back with its meter, filters and cost", operations=("createFeature", "getFeature"))
def created_feature_reads_back(scene: Scene) -> None:
    body = _metered(scene)
    created = scene.call("createFeature", body=body, status=201).body
    shown = {
        "advancedMeterGroupByFilters": {"model": {"$eq": "gpt-4"}},
        "unitCost": {"type": "manual", "amount": "0.03"},
    }
    expect.contains("the created feature", created, body | shown | {"archivedAt": ABSENT})
    for name in (created["key"], created["id"]):
        expect.equal(f"the feature read by {name}", scene.call("getFeature", name).body, created)

    taken = f"feature {created['id']} with key {body['key']} already exists"
    scene.refused("createFeature", body=body, status=409, detail=taken)
    missing = scene.slug("missing")
    unknown = body | {"key": scene.slug("other"), "meterSlug": missing}
    scene.refused("createFeature", body=unknown, status=404, detail=f"not found error: meter not found: {missing}")
    scene.refused("getFeature", missing, status=404, detail=f"feature not found: {missing}")


@check("a feature is archived once no plan in force needs it, and frees its key", operations=("deleteFeature",))
def archived_feature_frees_its_key(scene: Scene) -> None:
    body = _metered(scene)
    key = body["key"]
    first = scene.setup("createFeature", body=body, status=201)["id"]
    needing = scene.setup("createPlan", body=plan(scene, "pro", phase(usage(key))), status=201)["id"]
    scene.setup("publishPlan", needing)
    blocked = f"forbidden for feature {first}: feature is referenced by active plan, it cannot be archived"
    scene.refused("deleteFeature", key, status=400, detail=blocked)
    scene.setup("archivePlan", needing)
    scene.call("deleteFeature", key, status=204)
    scene.refused("deleteFeature", key, status=404, detail=f"feature not found: {key}")

    second = scene.setup("createFeature", body=body, status=201)["id"]
    expect.true(f"the new feature has the archived one's id {first}", second != first)
    expect.equal("the id behind the key", scene.setup("getFeature", key)["id"], second)


@check("features are listed whole or page by page, archived ones on request", operations=("listFeatures",))
def features_are_listed(scene: Scene) -> None:
    for what, name in {"b": "Alpha", "a": "Bravo"}.items():
        scene.setup("createFeature", body={"key": scene.slug(what), "name": name}, status=201)
    metered = scene.setup("createFeature", body=_metered(scene), status=201)
    scene.setup("deleteFeature", scene.slug("a"), status=204)

    def own(**query: Any) -> list[str]:
        listed = expect.array("the features", scene.call("listFeatures", query={"limit": 1000} | query).body)
        return [feature["name"] for feature in listed if scene.token in feature["key"]]

    expect.equal("our features by key", own(), ["Alpha", "GPT-4 tokens"])
    expect.equal("our features by name, descending", own(orderBy="name", order="DESC"), ["GPT-4 tokens", "Alpha"])
    expect.equal("our features with the archived one", own(includeArchived="true"), ["Bravo", "Alpha", "GPT-4 tokens"])
    page = scene.call("listFeatures", query={"meterSlug": metered["meterSlug"], "pageSize": 1}).body
    expect.equal("the page of a meter", page, {"items": [metered], "page": 1, "pageSize": 1, "totalCount": 1})
    odd = "validation error: validation error: invalid feature order by: id"
    scene.refused("listFeatures", query={"orderBy": "id"}, status=400, detail=odd)
