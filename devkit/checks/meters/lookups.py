"""Subjects and group-by values of a meter, and queries that are refused."""

from typing import Any

from devkit.checks import expect
from devkit.checks.registry import check
from devkit.checks.rows import FROM, JANUARY, TO, day, use
from devkit.checks.scene import Scene


@check("the subjects that a meter has usage of", operations=("listMeterSubjects",))
def subjects_of_a_meter(scene: Scene) -> None:
    event_type, alice, bob = scene.name("request"), scene.name("alice"), scene.name("bob")
    slug = scene.meter("count", "COUNT", event_type=event_type)
    expect.equal("the subjects before any usage", scene.call("listMeterSubjects", slug).body, [])
    use(scene, event_type, (day(10), bob, None), (day(11), alice, None), (day(12), bob, None))
    expect.equal("the subjects", scene.call("listMeterSubjects", slug).body, [alice, bob])
    before = scene.call("listMeterSubjects", slug, query={"from": FROM, "to": day(11)})
    expect.equal("the subjects before the 11th", before.body, [bob])

    missing = scene.slug("missing")
    unknown = f"not found error: meter not found: {missing}"
    scene.refused("listMeterSubjects", missing, status=404, detail=unknown)
    turned = {"from": TO, "to": FROM}
    backwards = "validation error: from time must be before to time"
    scene.refused("listMeterSubjects", slug, query=turned, status=400, detail=backwards)


@check("the values of a group-by within a day, or a range of up to 30 days", operations=("listMeterGroupByValues",))
def values_of_a_group_by(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("count", "COUNT", event_type=event_type, groupBy={"model": "$.model"})
    use(
        scene,
        event_type,
        (scene.ago(hours=2), alice, {"model": "gpt-4"}),
        (scene.ago(hours=3), alice, {"model": "gpt-3"}),
        (scene.ago(hours=4), alice, {"model": "gpt-4"}),
        (scene.ago(days=3), alice, {"model": "claude"}),
    )
    recent = scene.call("listMeterGroupByValues", slug, "model")
    expect.equal("the values of the last day", recent.body, ["gpt-3", "gpt-4"])
    wider = {"from": scene.ago(days=5), "to": scene.ago(hours=1)}
    every = scene.call("listMeterGroupByValues", slug, "model", query=wider)
    expect.equal("the values of the last days", every.body, ["claude", "gpt-3", "gpt-4"])

    unknown = "validation error: group by key is not valid for this meter"
    scene.refused("listMeterGroupByValues", slug, "color", status=400, detail=unknown)
    long = {"from": scene.ago(days=40), "to": scene.ago(days=1)}
    too_long = "validation error: time window must be less than 30 days"
    scene.refused("listMeterGroupByValues", slug, "model", query=long, status=400, detail=too_long)


@check("queries that make no sense are refused, each with its reason", operations=("queryMeter", "queryMeterPost"))
def senseless_queries_are_refused(scene: Scene) -> None:
    slug = scene.meter("count", "COUNT", event_type=scene.name("request"), groupBy={"model": "$.model"})
    scene.call("queryMeter", slug, query=JANUARY)
    scene.call("queryMeterPost", slug, body=JANUARY)
    sizes = 'value is not one of the allowed values ["MINUTE","HOUR","DAY","MONTH"]'
    both: list[tuple[dict[str, Any], str]] = [
        ({"from": TO, "to": FROM}, "validation error: from must be before to"),
        ({"from": FROM, "to": FROM}, "validation error: from and to cannot be equal"),
        (
            {"windowTimeZone": "Mars/Olympus"},
            "validation error: invalid time zone: unknown time zone Mars/Olympus",
        ),
    ]
    for wrong, detail in both:
        scene.refused("queryMeter", slug, query=wrong, status=400, detail=detail)
        scene.refused("queryMeterPost", slug, body=wrong, status=400, detail=detail)
    window = f'parameter "windowSize" in query has an error: {sizes}'
    scene.refused("queryMeter", slug, query={"windowSize": "WEEK"}, status=400, detail=window)
    posted = f'Error at "/windowSize": {sizes}'
    scene.refused("queryMeterPost", slug, body={"windowSize": "WEEK"}, status=400, part=True, detail=posted)
    group, filtered = "validation error: invalid group by: color", "validation error: invalid group by filter: color"
    scene.refused("queryMeter", slug, query={"groupBy": "color"}, status=400, detail=group)
    scene.refused("queryMeter", slug, query={"filterGroupBy[color]": "red"}, status=400, detail=filtered)
    two = {"filterGroupBy": {"model": ["a"]}, "advancedMeterGroupByFilters": {"model": {"$eq": "a"}}}
    together = "validation error: advanced meter group by filters and filter group by cannot be used together"
    scene.refused("queryMeterPost", slug, body=two, status=400, detail=together)
    missing = scene.slug("missing")
    scene.refused("queryMeter", missing, status=404, detail=f"not found error: meter not found: {missing}")
    scene.refused("queryMeterPost", missing, body={}, status=404, detail=f"not found error: meter not found: {missing}")
    scene.refused(
        "queryMeter", slug, query={"from": "yesterday"}, status=400, part=True, detail="invalid param format from"
    )
