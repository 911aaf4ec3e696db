"""Lists of events, v1 and v2: filters, cursors, the problems they tell of each event, and what is refused."""

from typing import Any

import msgspec

from devkit.checks import expect
from devkit.checks.registry import check
from devkit.checks.scene import Scene

UNKNOWN = "01G65Z755AFWAKHE12NY0CQ9FH"


@check("the v1 list filters by time, id, subject and limit, newest first", operations=("listEvents",))
def v1_list_filters(scene: Scene) -> None:
    alice, bob = scene.name("alice"), scene.name("bob")
    _four_events(scene, alice, bob)

    def ids(**query: Any) -> list[str]:
        listed = scene.call("listEvents", query=query).body
        return [name.rsplit("-", 1)[-1] for name in expect.fields("the events", listed, "event", "id")]

    expect.equal("the events of alice", ids(subject=alice), ["4", "3", "1"])
    expect.equal("the events of bob", ids(subject=bob), ["2"])
    ours = scene.name("event")
    expect.equal("the events by a part of their id", ids(id=ours), ["4", "3", "2", "1"])
    expect.equal("two events", ids(id=ours, limit=2), ["4", "3"])
    span = {"from": scene.ago(minutes=30), "to": scene.ago(minutes=10)}
    expect.equal("the events from the second to before the last", ids(id=ours, **span), ["3", "2"])
    ingested = scene.call("listEvents", query={"subject": bob}).body[0]["ingestedAt"]
    expect.equal("the events ingested from then on", ids(subject=bob, ingestedAtFrom=ingested), ["2"])
    expect.equal("the events ingested before", ids(subject=bob, ingestedAtTo=ingested), [])


@check("the v1 list refuses impossible ranges and unknown customers", operations=("listEvents",))
def v1_list_refuses(scene: Scene) -> None:
    expect.equal("the events of nobody", scene.call("listEvents", query={"subject": scene.name("nobody")}).body, [])
    low = 'parameter "limit" in query has an error: number must be at least 1'
    scene.refused("listEvents", query={"limit": 0}, status=400, detail=low)
    turned = {"from": scene.ago(minutes=5), "to": scene.ago(minutes=6)}
    backwards = f"to date is before from date: {turned['to']} < {turned['from']}"
    scene.refused("listEvents", query=turned, status=400, part=True, detail=backwards)
    old = scene.ago(days=40)
    too_old = f"validation error: validate input: from date is too old: {old}, must be after "
    scene.refused("listEvents", query={"from": old}, status=400, part=True, detail=too_old)
    stranger = f"validation error: customers not found in namespace default: {UNKNOWN}"
    scene.refused("listEvents", query={"customerId": UNKNOWN}, status=400, detail=stranger)
    scene.refused("listEvents", query={"from": "soon"}, status=400, part=True, detail="invalid param format from")


@check("the v2 list filters by every field and operator", operations=("listEventsV2",))
def v2_list_filters(scene: Scene) -> None:
    alice, bob = scene.name("alice"), scene.name("bob")
    event_type = _four_events(scene, alice, bob)
    ours = scene.name("event-")
    filters: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["4", "3", "2", "1"]),
        ({"subject": {"$eq": bob}}, ["2"]),
        ({"subject": {"$ne": bob}}, ["4", "3", "1"]),
        ({"id": {"$in": [ours + "1", ours + "4", "other"]}}, ["4", "1"]),
        ({"id": {"$nin": [ours + "1", ours + "4"]}}, ["3", "2"]),
        ({"subject": {"$like": "%-" + scene.token + "-al%"}}, ["4", "3", "1"]),
        ({"subject": {"$ilike": alice.upper()}}, ["4", "3", "1"]),
        ({"id": {"$or": [{"$eq": ours + "2"}, {"$gt": ours + "3"}]}}, ["4", "2"]),
        ({"source": {"$eq": "nowhere"}}, []),
        ({"time": {"$gte": scene.ago(minutes=20)}}, ["4", "3"]),
        ({"time": {"$and": [{"$gt": scene.ago(minutes=40)}, {"$lt": scene.ago(minutes=20)}]}}, ["2"]),
        ({"ingestedAt": {"$lt": scene.ago(days=1)}}, []),
    ]
    for wanted, expected in filters:
        page = scene.call("listEventsV2", query={"filter": _json({"type": {"$eq": event_type}} | wanted)}).body
        found = expect.fields("the events", expect.field("the page", page, "items"), "event", "id")
        expect.equal(f"the events with {expect.show(wanted)}", [name.rsplit("-", 1)[-1] for name in found], expected)


@check("cursors lead through all events once, newest first", operations=("listEventsV2",))
def cursors_lead_through_all(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    minutes = [7, 6, 5, 5, 5, 4, 3]
    events = [scene.event(event_type, alice, time=scene.ago(minutes=back)) for back in minutes]
    scene.ingest(events)
    query: dict[str, Any] = {"filter": _json({"type": {"$eq": event_type}}), "limit": 2}
    seen: list[dict[str, Any]] = []
    sizes: list[int] = []
    while len(sizes) < len(minutes):
        page = scene.call("listEventsV2", query=query).body
        items = expect.fields("the events", expect.field("the page", page, "items"), "event")
        seen, sizes = seen + items, [*sizes, len(items)]
        if "nextCursor" not in page:
            break
        query["cursor"] = page["nextCursor"]
    expect.equal("the sizes of the pages", sizes, [2, 2, 2, 1])
    expect.same_items("the ids on all pages", [event["id"] for event in seen], [event["id"] for event in events])
    times = [event["time"] for event in seen]
    expect.equal("the times on all pages", times, sorted(times, reverse=True))


@check("the v2 list refuses filters and cursors that it cannot read", operations=("listEventsV2",))
def v2_list_refuses(scene: Scene) -> None:
    nobody = {"subject": {"$eq": scene.name("nobody")}}
    page = scene.call("listEventsV2", query={"filter": _json(nobody)}).body
    expect.equal("the page of nobody", page, {"items": []})
    invalid = "validation error: validate input: subject: validation error: filter"
    filters: list[tuple[dict[str, Any], str]] = [
        ({"subject": {"$eq": "a", "$ne": "b"}}, f"{invalid} is invalid: multiple operators are set"),
        ({"subject": {"$eq": ""}}, f"{invalid} is invalid: format mismatch"),
        (
            {"subject": {"$and": [{"$or": [{"$and": [{"$eq": "a"}]}]}]}},
            f"{invalid} complexity exceeds maximum allowed depth",
        ),
        (
            {"customerId": {"$in": [UNKNOWN]}},
            f"validation error: customers not found in namespace default: {UNKNOWN}",
        ),
    ]
    for wanted, detail in filters:
        scene.refused("listEventsV2", query={"filter": _json(wanted)}, status=400, detail=detail)
    unreadable = "unmarshaling param filter: Error unmarshaling parameter filter as JSON: unexpected end of JSON input"
    scene.refused("listEventsV2", query={"filter": "{"}, status=400, detail=unreadable)
    high = 'parameter "limit" in query has an error: number must be at most 100'
    scene.refused("listEventsV2", query={"limit": 101}, status=400, detail=high)
    cursors = {
        "": "validation error: text is empty",
        "???": "validation error: decode cursor: illegal base64 data at input byte 0",
        "aGVsbG8=": "validation error: cursor is invalid: no delimiter found",
    }
    for cursor, detail in cursors.items():
        scene.refused("listEventsV2", query={"cursor": cursor}, status=400, detail=detail)


@check("each event tells what its meters and customers miss", operations=("listEvents", "listEventsV2"))
def validation_errors_are_told(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    values: list[Any] = [{"v": 5}, {"v": "abc"}, {"w": 1}, None, {"v": True}]
    scene.ingest(
        [scene.event(event_type, alice, time=scene.ago(minutes=n + 1), data=data) for n, data in enumerate(values)]
    )
    no_customer = f"no customer found for event subject: {alice}"

    def told() -> list[str]:
        listed = scene.call("listEvents", query={"subject": alice}).body
        same = scene.call("listEventsV2", query={"filter": _json({"type": {"$eq": event_type}})}).body
        expect.equal("the v2 list", expect.field("the page", same, "items"), listed)
        return [entry.get("validationError", "") for entry in expect.array("the events", listed)]

    no_meter = f"no meter found for event type: {event_type}\n{no_customer}"
    expect.equal("without a meter", told(), [no_meter] * len(values))
    scene.meter("total", "SUM", event_type=event_type, valueProperty="$.v")
    faults = [
        "",
        "invalid event: value cannot be parsed as float64: abc",
        'invalid event: missing value property: "$.v"',
        "invalid event: null and missing value property",
        "invalid event: unsupported value property type: bool",
    ]
    expect.equal("with a meter", told(), ["\n".join(filter(None, [fault, no_customer])) for fault in faults])
    customer = scene.setup("createCustomer", body={"key": alice, "name": "Alice"}, status=201)["id"]
    expect.equal("with a customer too", told(), faults)
    own = scene.call("listEvents", query={"customerId": customer}).body
    expect.equal("the customer's events", expect.fields("the events", own, "customerId"), [customer] * len(values))


def _four_events(scene: Scene, alice: str, bob: str) -> str:
    """Events 1 to 4, ten minutes apart, the last ten minutes ago; the second is bob's. Returns their type."""
    event_type = scene.name("request")
    subjects = [alice, bob, alice, alice]
    scene.ingest([scene.event(event_type, who, time=scene.ago(minutes=40 - 10 * n)) for n, who in enumerate(subjects)])
    return event_type


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
