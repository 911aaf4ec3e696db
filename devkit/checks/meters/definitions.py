"""Meters as resources: create, read, update, delete, list, and what is refused."""

from typing import Any

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"


def _full(scene: Scene) -> dict[str, Any]:
    return {
        "slug": scene.slug("tokens"),
        "name": "Tokens",
        "description": "AI tokens",
        "eventType": scene.name("prompt"),
        "aggregation": "SUM",
        "valueProperty": "$.tokens",
        "groupBy": {"model": "$.model", "type": "$.type"},
        "metadata": {"team": "ai"},
    }


@check("a meter reads back as it was created, by slug and by id", operations=("createMeter", "getMeter"))
def created_meter_reads_back(scene: Scene) -> None:
    full = _full(scene)
    created = scene.call("createMeter", body=full).body
    expect.contains("the created meter", created, {**full, "deletedAt": ABSENT})
    expect.equal("the meter by slug", scene.call("getMeter", full["slug"]).body, created)
    expect.equal("the meter by id", scene.call("getMeter", created["id"]).body, created)

    least = {"slug": scene.slug("prompts"), "eventType": scene.name("prompt"), "aggregation": "COUNT"}
    counting = scene.call("createMeter", body=least).body
    defaults = {"name": least["slug"], "metadata": None, "groupBy": ABSENT, "valueProperty": ABSENT}
    expect.contains("a meter with the required fields only", counting, least | defaults)

    missing = scene.slug("missing")
    for key in (missing, NO_ID):
        scene.refused("getMeter", key, status=404, detail=f"not found error: meter not found: {key}")
    scene.refused("getMeter", "Upper-Case", status=400, part=True, detail='parameter "meterIdOrSlug" in path')


@check("an update replaces name, groupBy and metadata, and nothing else", operations=("updateMeter",))
def update_replaces_what_can_change(scene: Scene) -> None:
    full = _full(scene)
    created = scene.setup("createMeter", body=full)
    changed = {"name": "All tokens", "description": "Every token", "metadata": {"tier": "1"}}
    changed |= {"groupBy": {"model": "$.llm", "region": "$.region"}}
    updated = scene.call("updateMeter", full["slug"], body=changed).body
    expect.contains("the updated meter", updated, {**full, **changed, "id": created["id"]})

    emptied = scene.call("updateMeter", created["id"], body={"aggregation": "MAX", "slug": "other"}).body
    kept = {"slug": full["slug"], "aggregation": "SUM", "description": "Every token"}
    reset = {"name": full["slug"], "metadata": None, "groupBy": ABSENT}
    expect.contains("the meter after an update that names nothing changeable", emptied, kept | reset)
    expect.equal("the meter read again", scene.setup("getMeter", full["slug"]), emptied)

    missing = scene.slug("missing")
    scene.refused("updateMeter", missing, body={}, status=404, detail=f"not found error: meter not found: {missing}")
    scene.refused(
        "updateMeter",
        full["slug"],
        body={"description": ""},
        status=400,
        detail="validation error: description must not be empty string",
    )


@check("a deleted meter is found by id only and frees its slug", operations=("deleteMeter", "getMeter", "createMeter"))
def deleted_meter_frees_its_slug(scene: Scene) -> None:
    slug = scene.slug("requests")
    body = {"slug": slug, "eventType": scene.name("request"), "aggregation": "COUNT"}
    first = scene.call("createMeter", body=body).body["id"]
    scene.call("deleteMeter", slug, status=204)
    scene.refused("getMeter", slug, status=404, detail=f"not found error: meter not found: {slug}")
    deleted = scene.call("getMeter", first).body
    expect.equal("the deleted meter's slug", deleted["slug"], slug)
    expect.true("the deleted meter has no deletedAt", deleted.get("deletedAt"))
    scene.refused("deleteMeter", slug, status=404, detail=f"not found error: meter not found: {slug}")
    scene.call("deleteMeter", first, status=204)

    second = scene.call("createMeter", body=body).body["id"]
    expect.true(f"the second meter of a slug has the first one's id {first}", second != first)
    expect.equal("the id behind the slug", scene.call("getMeter", slug).body["id"], second)


@check("a meter that a feature uses cannot be deleted or lose its group-by", operations=("deleteMeter", "updateMeter"))
def meter_in_use_is_protected(scene: Scene) -> None:
    slug, key = scene.slug("tokens"), scene.slug("gpt4")
    scene.setup("createMeter", body=_full(scene))
    filters = {"model": "gpt-4"}
    feature = {"key": key, "name": "GPT-4 tokens", "meterSlug": slug, "meterGroupByFilters": filters}
    identity = scene.setup("createFeature", body=feature, status=201)["id"]
    in_use = "conflict error: meter has active features and cannot be deleted"
    scene.refused("deleteMeter", slug, status=409, detail=in_use)
    dropped = f"conflict error: meter group by: model cannot be dropped because it is used by feature: {key}"
    scene.refused("updateMeter", slug, body={"groupBy": {"type": "$.type"}}, status=409, detail=dropped)

    scene.setup("deleteFeature", identity, status=204)
    freed = scene.call("updateMeter", slug, body={"groupBy": {"type": "$.type"}}).body
    expect.equal("the group-by of the freed meter", freed["groupBy"], {"type": "$.type"})
    scene.call("deleteMeter", slug, status=204)


@check("the list of meters has ours, in the order asked for, deleted ones on request", operations=("listMeters",))
def meters_are_listed(scene: Scene) -> None:
    names = {"b": "Alpha", "a": "Charlie", "c": "Bravo"}
    for what, name in names.items():
        scene.meter(what, "COUNT", event_type=scene.name("request"), name=name)
    gone = scene.meter("d", "COUNT", event_type=scene.name("request"), name="Delta")
    scene.setup("deleteMeter", gone, status=204)

    def own(**query: Any) -> list[str]:
        listed = expect.array("the meters", scene.call("listMeters", query=query).body)
        return [meter["name"] for meter in listed if scene.token in meter["slug"]]

    expect.equal("our meters by name", own(orderBy="name"), ["Alpha", "Bravo", "Charlie"])
    expect.equal("our meters by name, descending", own(orderBy="name", order="DESC"), ["Charlie", "Bravo", "Alpha"])
    expect.equal("our meters by slug", own(orderBy="key"), ["Charlie", "Alpha", "Bravo"])
    newest = own(orderBy="createdAt", order="DESC", includeDeleted="true")
    expect.equal("our meters with the deleted one, newest first", newest, ["Delta", "Bravo", "Charlie", "Alpha"])

    low = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listMeters", query={"page": 0}, status=400, detail=low)
    scene.refused("listMeters", query={"includeDeleted": "yes"}, status=400, part=True, detail="includeDeleted")


@check("a taken slug and impossible definitions are refused, each with its reason", operations=("createMeter",))
def impossible_definitions_are_refused(scene: Scene) -> None:
    full = _full(scene)
    scene.call("createMeter", body=full)
    taken = "conflict error: meter with the same slug already exists"
    scene.refused("createMeter", body=full, status=409, detail=taken)

    other = full | {"slug": scene.slug("other")}
    schema = "request body has an error: doesn't match schema #/components/schemas/MeterCreate: "
    group, value = "validation error: invalid meter group by: ", "validation error: invalid meter aggregation: "
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"eventType": ""}, f'{schema}Error at "/eventType": minimum string length is 1'),
        ({"valueProperty": "tokens"}, "validation error: invalid JSONPath: %!w(<nil>)"),
        ({"aggregation": "COUNT"}, f"{value}meter value property is not allowed when the aggregation is count"),
        ({"groupBy": {"m": "$.tokens"}}, f"{group}meter group by value m cannot be the same as value property"),
        (
            {"groupBy": {"a-b": "$.a"}},
            f"{group}meter group by key a-b is invalid, only alphanumeric and underscore characters are allowed",
        ),
    ]
    for change, detail in refusals:
        scene.refused("createMeter", body=other | change, status=400, detail=detail)
    scene.refused(
        "createMeter",
        body={name: field for name, field in other.items() if name != "slug"},
        status=400,
        detail=f'{schema}Error at "/slug": property "slug" is missing',
    )
    missing = f"not found error: meter not found: {other['slug']}"
    refused = scene.setup("getMeter", other["slug"], status=404)
    expect.equal("what is found of the refused meters", refused.get("detail"), missing)
