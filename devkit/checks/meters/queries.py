"""Meter queries: what each aggregation makes of known events, grouped, filtered and as CSV."""

from devkit.checks import expect
from devkit.checks.registry import check
from devkit.checks.rows import FROM, JANUARY, TO, day, expect_rows, row, use
from devkit.checks.scene import Scene

# Of 10, 20, "10", 7, an object, -3 and no data at all: what is no number counts, and is one distinct empty value.
AGGREGATED = {"SUM": 44, "COUNT": 7, "AVG": 8.8, "MIN": -3, "MAX": 20, "UNIQUE_COUNT": 5, "LATEST": -3}


@check("all seven aggregations of known values", operations=("queryMeter",))
def every_aggregation(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    values = [10, 20, "10", 7, {"nested": 1}, -3]
    usage = [(day(10 + n, "12:00:00"), alice, {"value": value}) for n, value in enumerate(values)]
    use(scene, event_type, *usage, (day(20), alice, None))
    for aggregation, value in AGGREGATED.items():
        optional = {} if aggregation == "COUNT" else {"valueProperty": "$.value"}
        slug = scene.meter(aggregation.lower(), aggregation, event_type=event_type, **optional)
        expect_rows(aggregation, scene.call("queryMeter", slug, query=JANUARY), row(value))
    latest = scene.call("queryMeter", scene.slug("latest"), query={"from": FROM, "to": day(14)})
    expect_rows("LATEST before the 14th", latest, row(7, FROM, day(14)))


@check("from is inclusive, to exclusive, and both optional", operations=("queryMeter",))
def range_of_a_query(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    times = [day(10, "08:00:30"), day(11), day(12, "08:00:59")]
    use(scene, event_type, *[(time, alice, {"value": 2**n}) for n, time in enumerate(times)])
    whole = scene.call("queryMeter", slug)
    expect_rows("no range", whole, row(7, day(10, "08:00:00"), day(12, "08:01:00")))
    expect_rows(
        "from an event's time", scene.call("queryMeter", slug, query={"from": day(11), "to": TO}), row(6, day(11))
    )
    expect_rows(
        "to an event's time", scene.call("queryMeter", slug, query={"from": FROM, "to": day(11)}), row(1, FROM, day(11))
    )
    moved = {"from": "2024-01-11T02:00:00+02:00", "to": "2024-01-12T02:00:00+02:00"}
    expect_rows("with an offset", scene.call("queryMeter", slug, query=moved), row(2, moved["from"], moved["to"]))


@check("without events COUNT answers one row of 0, SUM none", operations=("queryMeter",))
def nothing_to_count(scene: Scene) -> None:
    event_type = scene.name("request")
    counting = scene.meter("count", "COUNT", event_type=event_type)
    adding = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    expect_rows("COUNT of nothing", scene.call("queryMeter", counting, query=JANUARY), row(0))
    expect_rows("COUNT of nothing a day", scene.call("queryMeter", counting, query=JANUARY | {"windowSize": "DAY"}))
    expect_rows("SUM of nothing", scene.call("queryMeter", adding, query=JANUARY))


@check("a meter sees events from before it existed, but none before its eventFrom", operations=("queryMeter",))
def event_from_is_a_lower_bound(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    use(scene, event_type, *[(day(number), alice, None) for number in (10, 20, 30)])
    every = scene.meter("every", "COUNT", event_type=event_type)
    later = scene.meter("later", "COUNT", event_type=event_type, eventFrom=day(20))
    expect_rows("a meter created afterwards", scene.call("queryMeter", every, query=JANUARY), row(3))
    expect_rows("a meter with eventFrom", scene.call("queryMeter", later, query=JANUARY), row(2))


@check("usage is grouped by event properties and by subject", operations=("queryMeter",))
def grouped_usage(scene: Scene) -> None:
    slug = _tokens(scene)
    alice, bob = scene.name("alice"), scene.name("bob")
    by_model = scene.call("queryMeter", slug, query=JANUARY | {"groupBy": "model"})
    expect_rows(
        "by model",
        by_model,
        row(1, group={"model": "gpt-3"}),
        row(14, group={"model": "gpt-4"}),
        row(16, group={"model": ""}),
    )
    both = scene.call("queryMeter", slug, query=JANUARY | {"groupBy": ["kind", "subject"]})
    expect_rows(
        "by kind and subject",
        both,
        row(3, subject=alice, group={"kind": "in"}),
        row(4, subject=alice, group={"kind": "out"}),
        row(24, subject=bob, group={"kind": "in"}),
    )
    of_bob = scene.call("queryMeter", slug, query=JANUARY | {"subject": [bob, scene.name("nobody")]})
    expect_rows("of one subject", of_bob, row(24, subject=bob))


@check("filters on group-bys choose events, in GET and POST alike", operations=("queryMeter", "queryMeterPost"))
def filtered_usage(scene: Scene) -> None:
    slug = _tokens(scene)
    simple = scene.call("queryMeter", slug, query=JANUARY | {"filterGroupBy[model]": "gpt-4"})
    expect_rows("filterGroupBy", simple, row(14))
    several = {"filterGroupBy": {"model": ["gpt-3", "gpt-4"], "kind": ["in"]}}
    expect_rows("filterGroupBy of a POST", scene.call("queryMeterPost", slug, body=JANUARY | several), row(11))

    advanced = {
        '{"model":{"$eq":"gpt-3"}}': 1,
        '{"model":{"$ne":"gpt-4"}}': 17,
        '{"model":{"$in":["gpt-3","gpt-4"]},"kind":{"$eq":"out"}}': 4,
        '{"model":{"$like":"gpt-%"}}': 15,
        '{"model":{"$or":[{"$eq":"gpt-3"},{"$ilike":"GPT-4"}]}}': 15,
    }
    for text, value in advanced.items():
        answer = scene.call("queryMeter", slug, query=JANUARY | {"advancedMeterGroupByFilters": text})
        expect_rows(f"the filter {text}", answer, row(value))
    nothing: dict[str, list[str]] = {"$in": []}
    closed = scene.call("queryMeterPost", slug, body=JANUARY | {"advancedMeterGroupByFilters": {"model": nothing}})
    expect_rows("a filter that lets nothing through", closed)


@check("a POST query answers what the GET query answers", operations=("queryMeter", "queryMeterPost"))
def post_equals_get(scene: Scene) -> None:
    slug = _tokens(scene)
    alice = scene.name("alice")
    expect.equal(
        "the POST without a range",
        scene.call("queryMeterPost", slug, body={}).body,
        scene.call("queryMeter", slug).body,
    )
    asked = JANUARY | {"windowSize": "DAY", "windowTimeZone": "Europe/Budapest"}
    posted = scene.call("queryMeterPost", slug, body=asked | {"subject": [alice], "groupBy": ["model"]})
    got = scene.call("queryMeter", slug, query=asked | {"subject": alice, "groupBy": "model"})
    expect.contains("the POST", posted.body, JANUARY | {"windowSize": "DAY"})
    expected = expect.array("the rows of the GET", expect.field("the GET", got.body, "data"))
    expect.equal("the number of rows of the GET", len(expected), 3)
    expect_rows("the POST", posted, *expected)


@check("a customer's usage is that of its key and subjects", operations=("queryMeter", "queryMeterPost"))
def usage_of_a_customer(scene: Scene) -> None:
    event_type, key = scene.name("request"), scene.name("acme")
    slug = scene.meter("total", "SUM", event_type=event_type, valueProperty="$.value")
    alice, bob = scene.name("alice"), scene.name("bob")
    use(scene, event_type, *[(day(10 + n), who, {"value": 2**n}) for n, who in enumerate((alice, bob, key, alice))])
    customer = {"key": key, "name": "Acme", "usageAttribution": {"subjectKeys": [alice]}}
    identity = scene.setup("createCustomer", body=customer, status=201)["id"]
    own = scene.call("queryMeter", slug, query=JANUARY | {"filterCustomerId": identity})
    expect_rows("of the customer", own, row(13, customer=identity))
    apart = JANUARY | {"filterCustomerId": [identity], "groupBy": ["subject", "customer_id"]}
    expect_rows(
        "of the customer by subject",
        scene.call("queryMeterPost", slug, body=apart),
        row(9, subject=alice, customer=identity),
        row(4, subject=key, customer=identity),
    )
    unknown = "01G65Z755AFWAKHE12NY0CQ9FH"
    missing = f"not found error: customer with id {unknown} not found"
    scene.refused("queryMeter", slug, query={"filterCustomerId": unknown}, status=404, detail=missing)
    bare = "validation error: customer filter is required with customer_id group by"
    scene.refused("queryMeterPost", slug, body={"groupBy": ["customer_id"]}, status=400, detail=bare)


@check("CSV has a header, group columns and six decimals", operations=("queryMeter", "queryMeterPost"))
def usage_as_csv(scene: Scene) -> None:
    slug = _tokens(scene)
    alice = scene.name("alice")
    headers = {"Accept": "text/csv"}
    total = scene.call("queryMeter", slug, query=JANUARY, headers=headers)
    expect.equal("the content type", total.media_type, "text/csv")
    expect.equal("the CSV", total.text, f"window_start,window_end,value\n{FROM},{TO},31.000000\n")
    expect.equal("the file name", total.headers.get("content-disposition"), f"attachment; filename={slug}.csv")

    scene.setup("upsertSubject", body=[{"key": alice, "displayName": "Alice, the first"}])
    asked = {"windowSize": "DAY", "subject": [alice], "groupBy": ["kind"]}
    windows = [(day(10), day(11), "in", 1), (day(11), day(12), "in", 2), (day(12), day(13), "out", 4)]
    lines = [f'{start},{end},{alice},"Alice, the first",{kind},{value}.000000' for start, end, kind, value in windows]
    header = "window_start,window_end,subject,subject_display_name,kind,value"
    grouped = scene.call("queryMeterPost", slug, body=asked, headers=headers)
    expect.equal("the CSV by subject and kind", grouped.text, "\n".join([header, *lines, ""]))


def _tokens(scene: Scene) -> str:
    """A SUM meter with group-bys and five events: 1 + 2 + 4 of alice, 8 + 16 of bob. Returns the slug."""
    event_type, alice, bob = scene.name("prompt"), scene.name("alice"), scene.name("bob")
    use(
        scene,
        event_type,
        (day(10, "08:00:00"), alice, {"tokens": 1, "model": "gpt-3", "kind": "in"}),
        (day(11, "08:00:00"), alice, {"tokens": 2, "model": "gpt-4", "kind": "in"}),
        (day(12, "08:00:00"), alice, {"tokens": 4, "model": "gpt-4", "kind": "out"}),
        (day(12, "09:00:00"), bob, {"tokens": 8, "model": "gpt-4", "kind": "in"}),
        (day(13, "08:00:00"), bob, {"tokens": 16, "kind": "in"}),
    )
    group_by = {"model": "$.model", "kind": "$.kind"}
    return scene.meter("tokens", "SUM", event_type=event_type, valueProperty="$.tokens", groupBy=group_by)
