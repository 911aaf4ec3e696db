"""Ingestion: the forms in which events come, duplicates, late and future ones, and what is refused."""

from datetime import datetime
from typing import Any

import msgspec

from devkit.checks import expect
from devkit.checks.calls import Answer
from devkit.checks.registry import check
from devkit.checks.rows import expect_rows, row
from devkit.checks.scene import Scene

SINGLE, BATCH, PLAIN = "application/cloudevents+json", "application/cloudevents-batch+json", "application/json"
SLOWEST_CLOCK = 300
DEDUPE = "OpenMeter drops duplicates where sink.dedupe.enabled is on, as in its quickstart"


@check("one CloudEvent is stored as it was sent, its time in whole seconds", operations=("ingestEvents", "listEvents"))
def one_event_is_stored(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    time = scene.ago(minutes=5)
    sent = scene.event(
        event_type, alice, time=time[:-1] + ".987654321Z", data={"tokens": 12, "deep": {"model": "gpt-4"}}
    )
    _ingest(scene, sent, SINGLE)
    scene.wait_for_events(event_type, 1)
    listed = expect.array("the events listed", scene.call("listEvents", query={"subject": alice}).body)
    expect.equal("the number of events", len(listed), 1)
    stored = sent | {"time": time, "datacontenttype": "application/json"}
    expect.equal("the event", expect.field("the entry", listed[0], "event"), stored)


@check("an event without a time gets the server's", operations=("ingestEvents", "listEventsV2"))
def missing_time_is_now(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    _ingest(scene, scene.event(event_type, alice), SINGLE)
    scene.wait_for_events(event_type, 1)
    entry = expect.field("the page", _page(scene, event_type).body, "items")[0]
    expect.contains("the event", entry["event"], {"data": expect.ABSENT, "datacontenttype": expect.ABSENT})
    given, ingested = (datetime.fromisoformat(text) for text in (entry["event"]["time"], entry["ingestedAt"]))
    apart = abs((given - ingested).total_seconds())
    expect.true(f"the event's time {given} is {apart:g} s away from its ingestedAt {ingested}", apart <= SLOWEST_CLOCK)


@check("batches and application/json store every event", operations=("ingestEvents", "listEventsV2"))
def batches_are_stored(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    events = [scene.event(event_type, alice, time=scene.ago(minutes=n + 1), data={"n": n}) for n in range(6)]
    _ingest(scene, events[:3], BATCH)
    _ingest(scene, events[3:5], PLAIN)
    _ingest(scene, events[5], PLAIN)
    _ingest(scene, [], BATCH)
    scene.wait_for_events(event_type, len(events))
    expected = [(event["id"], event["data"]) for event in events]
    listed = expect.fields("the events", _page(scene, event_type).body["items"], "event")
    expect.equal("ids and data, newest first", [(event["id"], event.get("data")) for event in listed], expected)
    none = "invalid event: no events found"
    scene.refused("ingestEvents", content=b"[]", headers={"Content-Type": PLAIN}, status=400, detail=none)


@check("an event is known by source and id: a second one changes nothing", operations=("ingestEvents", "listEventsV2"))
def duplicates_are_dropped(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    first = scene.event(event_type, alice, time=scene.ago(minutes=9), data={"n": 1})
    _ingest(scene, [first, first], BATCH)
    scene.wait_for_events(event_type, 1)
    _ingest(scene, first | {"time": scene.ago(minutes=8), "data": {"n": 2}}, SINGLE)
    elsewhere = first | {"source": "another-source", "time": scene.ago(minutes=7), "data": {"n": 3}}
    _ingest(scene, [first, elsewhere], BATCH)
    last = scene.event(event_type, alice, time=scene.ago(minutes=6), data={"n": 4})
    _ingest(scene, last, SINGLE)
    _wait_for(scene, event_type, last["id"])
    scene.wait_for_events(event_type, 3)
    listed = expect.fields("the events", _page(scene, event_type).body["items"], "event", "data", "n")
    expect.equal("the events left of six", listed, [4, 3, 1], hint=DEDUPE)


@check("late and future events count in their own month", operations=("ingestEvents", "queryMeter", "listEvents"))
def late_and_future_events_count(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    slug = scene.meter("count", "COUNT", event_type=event_type)
    late = scene.event(event_type, alice, time="2023-05-17T10:00:00+02:00")
    future = scene.event(event_type, alice, time=scene.ago(minutes=-30))
    _ingest(scene, [late, future], BATCH)
    scene.wait_for_events(event_type, 2)
    may = {"from": "2023-05-01T00:00:00Z", "to": "2023-06-01T00:00:00Z"}
    expect_rows("May 2023", scene.call("queryMeter", slug, query=may), row(1, may["from"], may["to"]))
    soon = {"from": scene.ago(minutes=-29), "to": scene.ago(minutes=-31)}
    expect_rows("the next hour", scene.call("queryMeter", slug, query=soon), row(1, soon["from"], soon["to"]))
    recent = expect.array("the events", scene.call("listEvents", query={"subject": alice}).body)
    ids = expect.fields("the events of the last 32 days", recent, "event", "id")
    expect.equal("the events of the last 32 days", ids, [future["id"]])


@check("malformed events are refused with the place of the fault", operations=("ingestEvents",))
def malformed_events_are_refused(scene: Scene) -> None:
    good = scene.event(scene.name("request"), scene.name("alice"), time=scene.ago(minutes=5), data={"n": 1})
    schema = "request body has an error: doesn't match schema #/components/schemas/Event: Error at "
    without_subject = {name: value for name, value in good.items() if name != "subject"}
    wrong: list[tuple[dict[str, Any], str]] = [
        (without_subject, f'{schema}"/subject": property "subject" is missing'),
        (good | {"id": ""}, f'{schema}"/id": minimum string length is 1'),
        (good | {"data": "text"}, f'{schema}"/data": value must be an object'),
        (good | {"data": {"n": None}}, f'{schema}"/data/n": Value is not nullable'),
        (
            good | {"datacontenttype": "application/xml"},
            f'{schema}"/datacontenttype": value is not one of the allowed values ["application/json"]',
        ),
    ]
    for event, detail in wrong:
        _refused(scene, msgspec.json.encode(event), SINGLE, detail)
    version = msgspec.json.encode(good | {"specversion": "2.0"})
    _refused(scene, version, SINGLE, "invalid event: specversion: unknown value: 2.0", part=True)
    any_form = "request body has an error: doesn't match schema #/components/schemas/IngestEventsBody: "
    _refused(scene, msgspec.json.encode(without_subject), PLAIN, any_form + 'doesn\'t match any schema from "anyOf"')
    _refused(scene, b"{", SINGLE, "request body has an error: failed to decode request body: unexpected EOF")
    _refused(scene, b"", SINGLE, "request body has an error: value is required but missing")
    kind = 'request body has an error: header Content-Type has unexpected value "text/plain"'
    _refused(scene, msgspec.json.encode(good), "text/plain", kind)


@check("one bad event refuses its whole batch", operations=("ingestEvents", "listEventsV2"))
def bad_event_refuses_its_batch(scene: Scene) -> None:
    event_type, alice = scene.name("request"), scene.name("alice")
    batch = [scene.event(event_type, alice, time=scene.ago(minutes=n + 1)) for n in range(3)]
    batch[1]["subject"] = 5
    fault = 'request body has an error: doesn\'t match schema: Error at "/1/subject": value must be a string'
    _refused(scene, msgspec.json.encode(batch), BATCH, fault)
    after = scene.event(event_type, alice, time=scene.ago(minutes=9))
    _ingest(scene, after, SINGLE)
    _wait_for(scene, event_type, after["id"])
    listed = expect.fields("the events", _page(scene, event_type).body["items"], "event", "id")
    expect.equal("the events stored", listed, [after["id"]])


def _ingest(scene: Scene, body: Any, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = scene.call("ingestEvents", content=msgspec.json.encode(body), headers=headers, status=204)
    expect.equal("the body of a 204", answer.text, "")


def _refused(scene: Scene, content: bytes, media_type: str, detail: str, *, part: bool = False) -> None:
    headers = {"Content-Type": media_type}
    scene.refused("ingestEvents", content=content, headers=headers, status=400, detail=detail, part=part)


def _page(scene: Scene, event_type: str) -> Answer:
    query = {"filter": msgspec.json.encode({"type": {"$eq": event_type}}).decode()}
    return scene.call("listEventsV2", query=query)


def _wait_for(scene: Scene, event_type: str, event_id: str) -> None:
    """Waits for the last event of several: what was sent before it is visible then, or will never be."""

    def ids() -> list[str]:
        query = {"filter": msgspec.json.encode({"type": {"$eq": event_type}}).decode()}
        page = scene.setup("listEventsV2", query=query)
        return expect.fields("the events", expect.field("the page", page, "items"), "event", "id")

    scene.until(f"the event {event_id}", ids, lambda seen: event_id in seen)
