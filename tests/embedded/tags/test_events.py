import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask

SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event(id_: str, **attributes: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": id_, "source": "api", "type": "request", "subject": "alice", **attributes}


def ingest(app: Application, *events: Mapping[str, Any]) -> Answer:
    return ask(app, "POST", "/api/v1/events", list(events), headers={"content-type": BATCH})


def listed(app: Application, **query: Any) -> list[str]:
    answer = ask(app, "GET", f"/api/v1/events?{urlencode(query, doseq=True)}")
    assert answer.status == 200, answer.body
    return [item["event"]["id"] for item in answer.json]


def page(app: Application, filter_: Any = None, **query: Any) -> Any:
    given = {**query, **({} if filter_ is None else {"filter": json.dumps(filter_)})}
    return ask(app, "GET", f"/api/v2/events?{urlencode(given)}").json


def ids(found: Any) -> list[str]:
    return [item["event"]["id"] for item in found["items"]]


def detail(app: Application, target: str) -> str:
    answer = ask(app, "GET", target)
    assert answer.status == 400
    return str(answer.json["detail"])


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_event_is_listed_as_it_is_stored(app: Application) -> None:
    sent = event(" 1 ", subject=" u ", source="a b", time="2090-01-05T10:20:30.9Z", data={"b": 1.50, "a": [None]})
    assert ingest(app, sent).status == 204
    ((item,),) = [ask(app, "GET", "/api/v1/events").json]
    now = item["ingestedAt"]
    assert item == {
        "event": {
            "specversion": "1.0",
            "id": "1",
            "source": "a%20b",
            "type": "request",
            "subject": "u",
            "datacontenttype": "application/json",
            "time": "2090-01-05T10:20:30Z",
            "data": {"a": [None], "b": 1.5},
        },
        "ingestedAt": now,
        "storedAt": item["storedAt"],
        "validationError": "no meter found for event type: request\nno customer found for event subject:  u ",
    }


def test_data_is_shown_where_there_is_some(app: Application) -> None:
    ingest(app, event("null", data=None), event("absent"), event("empty", data={}))
    shown = {item["event"]["id"]: item["event"] for item in page(app)["items"]}
    assert shown["empty"]["data"] == {}
    assert "data" not in shown["null"]
    assert "datacontenttype" in shown["null"]
    assert "datacontenttype" not in shown["absent"]


def test_one_bad_event_keeps_all_out(app: Application) -> None:
    assert ingest(app, event("good"), event("bad", source="%zz")).status == 400
    assert listed(app) == []


def test_a_negative_zero_survives_the_validated_way(app: Application, store: Store) -> None:
    body = json.dumps(event("1", extension="x"))[:-1] + ',"data":{"n":-0}}'
    assert ask(app, "POST", "/api/v1/events", body.encode(), headers={"content-type": SINGLE}).status == 204
    with store.events.reading() as cursor:
        assert cursor.execute("SELECT data FROM events").fetchall() == [('{"n":-0}',)]


def test_v1_looks_back_32_days_by_the_time_of_the_events(app: Application) -> None:
    ingest(app, event("old", time=days_ago(33)), event("young", time=days_ago(31)), event("future", time=days_ago(-9)))
    assert listed(app) == ["future", "young"]
    assert listed(app, to=days_ago(1)) == ["young"]
    assert detail(app, f"/api/v1/events?from={days_ago(33)}").startswith(
        f"validation error: validate input: from date is too old: {days_ago(33)[:16]}"
    )


def test_v1_filters_by_parts_of_ids_and_whole_subjects(app: Application) -> None:
    ingest(app, event("a-1"), event("a_2", subject="bob"), event("A%3"))
    assert set(listed(app, id="a")) == {"a-1", "a_2"}
    assert set(listed(app, id="a_")) == {"a-1", "a_2"}
    assert listed(app, id="A\\%3") == ["A%3"]
    assert listed(app, subject="bob") == ["a_2"]
    assert listed(app, subject="bo") == []
    assert listed(app, id="a", subject="alice") == ["a-1"]


def test_v1_names_all_that_is_wrong_with_its_dates(app: Application) -> None:
    query = urlencode({"to": "2024-01-01T00:00:00Z", "from": "2090-01-01T01:00:00+01:00"})
    assert detail(app, f"/api/v1/events?{query}") == (
        "validation error: validate input: to date is before from date: "
        "2024-01-01T00:00:00Z < 2090-01-01T01:00:00+01:00"
    )
    query += "&" + urlencode({"ingestedAtFrom": "2024-01-01T00:00:00Z", "ingestedAtTo": "2023-01-01T00:00:00Z"})
    assert len(detail(app, f"/api/v1/events?{query}").splitlines()) == 3


def test_v2_pages_through_events_of_one_second_without_loss(app: Application) -> None:
    ingest(app, *(event(str(n), time="2024-01-01T00:00:00Z") for n in range(7)))
    ingest(app, event("later", time="2024-01-02T00:00:00Z"), event("earlier", time="2023-01-01T00:00:00Z"))
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        found = page(app, **query)
        seen += ids(found)
        if "nextCursor" not in found:
            break
        query["cursor"] = found["nextCursor"]
    assert seen == ["later", *map(str, reversed(range(7))), "earlier"]


def test_v2_has_a_cursor_exactly_after_a_full_page(app: Application) -> None:
    ingest(app, event("1"), event("2"))
    assert "nextCursor" in page(app, limit=2)
    assert "nextCursor" not in page(app, limit=3)
    assert page(app, limit=2, cursor=page(app, limit=2)["nextCursor"]) == {"items": []}


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"id": {"$like": "a%"}}, ["a2", "a1"]),
        ({"subject": {"$ne": "alice"}}, ["b1"]),
        ({"time": {"$gte": "2024-01-02T00:00:00.9Z"}}, ["b1", "a2"]),
        ({"time": {"$and": [{"$gt": "2024-01-01T00:00:00Z"}, {"$lt": "2024-01-03T00:00:00Z"}]}}, ["a2"]),
        ({"ingestedAt": {"$lt": "2024-01-01T00:00:00Z"}}, []),
        ({"source": {"$in": ["api"]}, "type": {"$eq": "request"}}, ["b1", "a2", "a1"]),
        ({"unknown": {"$eq": "x"}}, ["b1", "a2", "a1"]),
        ({"customerId": {"$in": []}}, ["b1", "a2", "a1"]),
    ],
)
def test_v2_filters(app: Application, filter_: Any, found: list[str]) -> None:
    ingest(
        app,
        event("a1", time="2024-01-01T00:00:00Z"),
        event("a2", time="2024-01-02T00:00:00Z"),
        event("b1", time="2024-01-03T00:00:00Z", subject="bob"),
    )
    assert ids(page(app, filter_)) == found


def test_v2_refuses_in_the_order_of_its_fields(app: Application) -> None:
    filter_ = {"time": {"$gt": "2024-01-01T00:00:00Z", "$lt": "2024-01-01T00:00:00Z"}, "id": {"$eq": ""}}
    query = urlencode({"filter": json.dumps(filter_), "cursor": "MjAyNC0wMS0wMVQwMDowMDowMFos"})
    assert detail(app, f"/api/v2/events?{query}") == (
        "validation error: validate input: cursor: cursor id is empty\n"
        "id: validation error: filter is invalid: format mismatch\n"
        "time: validation error: filter is invalid: multiple operators are set"
    )


def customer(store: Store, key: str | None, *subjects: str) -> str:
    made = {"id": store.new_id(), "createdAt": "2024-01-01T00:00:00Z", "name": "x"}
    made |= {} if key is None else {"key": key}
    body: dict[str, Any] = {**made, "usageAttribution": {"subjectKeys": list(subjects)}}
    store.records.put("customer", body, key=key, refs={"subject_key": subjects})
    return made["id"]


def owners(found: Any) -> dict[str, str | None]:
    return {item["event"]["id"]: item.get("customerId") for item in found["items"]}


def test_a_subject_belongs_to_the_customer_with_its_key_before_one_that_lists_it(
    app: Application, store: Store
) -> None:
    lists = customer(store, "first", "alice", "bob")
    has_key = customer(store, "alice")
    ingest(app, event("1"), event("2", subject="bob"), event("3", subject="carol"))
    assert owners(page(app)) == {"1": has_key, "2": lists, "3": None}


def test_customers_filter_by_their_subjects(app: Application, store: Store) -> None:
    one, two = customer(store, "alice", "alice's app"), customer(store, None, "bob")
    nobody = customer(store, None)
    ingest(app, event("1"), event("2", subject="alice's app"), event("3", subject="bob"), event("4", subject="carol"))
    assert owners(page(app, {"customerId": {"$in": [one]}})) == {"1": one, "2": one}
    assert owners(page(app, {"customerId": {"$in": [one, two, one]}})) == {"1": one, "2": one, "3": two}
    assert owners(page(app, {"customerId": {"$in": [nobody]}})) == {"1": "", "2": "", "3": "", "4": ""}
    assert listed(app, customerId=[two]) == ["3"]
    unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert detail(app, f"/api/v1/events?customerId={unknown}&customerId={one}") == (
        f"validation error: customers not found in namespace default: {unknown}"
    )
