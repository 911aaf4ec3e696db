"""Usage out of a real event store, held against a plain Python reading of the same events."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.json_value import json_value, to_float
from devkit.embedded.domain.jsonpath import parse
from devkit.embedded.domain.usage import UsageQuery, UsageRow, usage_query
from devkit.embedded.domain.windows import SECONDS_PER_DAY, buckets
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage import UsageStore
from devkit.embedded.store.usage.projections import Projections

AGGREGATIONS = ["SUM", "COUNT", "MIN", "MAX", "AVG", "LATEST", "UNIQUE_COUNT"]
START = 1_711_700_000  # two days before the clocks of Europe change
CUSTOMERS = {
    "c1": {"id": "c1", "name": "Alice", "key": "alice", "usageAttribution": {"subjectKeys": ["bob"]}},
    "c2": {"id": "c2", "name": "Carol", "usageAttribution": {"subjectKeys": ["carol", "bob"]}},
}
REQUESTS: list[dict[str, Any]] = [
    {},
    {"groupBy": ["model"]},
    {"groupBy": ["subject", "model"], "windowSize": "DAY", "windowTimeZone": "Europe/Budapest"},
    {"windowSize": "HOUR", "windowTimeZone": "Asia/Kathmandu"},
    {"windowSize": "MINUTE", "groupBy": ["model"]},
    {"windowSize": "MONTH", "windowTimeZone": "America/New_York", "subject": ["alice", "carol"]},
    {"filterCustomerId": ["c1", "c2"], "windowSize": "DAY"},
    {"filterCustomerId": ["c2"], "groupBy": ["subject"]},
    {"filterGroupBy": {"model": ["a", "1"]}, "groupBy": ["region"]},
    {"advancedMeterGroupByFilters": {"model": {"$or": [{"$ilike": "A%"}, {"$gt": "m"}]}, "region": {"$ne": "us"}}},
    {"subject": ["nobody"], "windowSize": "DAY", "windowTimeZone": "Europe/Budapest"},
]


def meter(aggregation: str, **more: Any) -> dict[str, Any]:
    value = {} if aggregation == "COUNT" else {"valueProperty": "$.usage.v"}
    group_by = {"model": "$.model", "region": "$.at[*].region"}
    return {"id": "M", "eventType": "prompt", "aggregation": aggregation, "groupBy": group_by, **value, **more}


def events(count: int, seed: int, first: int = 0) -> list[Event]:
    chance = random.Random(seed)
    made = []
    for number in range(first, first + count):
        data: dict[str, Any] = {"usage": {"v": chance.choice([1, 2.5, "3", "x", None, True, 7e-7, 10**19, {}, "1e2"])}}
        data["model"] = chance.choice(["a", "A", 1, "1", None, "", "z"])
        data["at"] = chance.choice([[], [{}, {"region": "eu"}], [{"region": {}}, {"region": "us"}], "eu"])
        text = chance.choice([json.dumps(data, separators=(",", ":"), sort_keys=True)] * 9 + ["", "null"])
        time = START + chance.randrange(5 * SECONDS_PER_DAY)
        subject = chance.choice(["alice", "bob", "carol", "dave"])
        made.append(Event(str(number), "s", chance.choice(["prompt", "prompt", "other"]), subject, time, text))
    return made


@pytest.fixture
def event_store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(tmp_path, Clock())
    yield store
    store.close()


@pytest.fixture
def usage(event_store: EventStore) -> Iterator[UsageStore]:
    store = UsageStore(event_store)
    yield store
    store.close()


def ask(meter_: dict[str, Any], request: dict[str, Any]) -> UsageQuery:
    return usage_query(meter_, request, CUSTOMERS.get)


def plainly(query: UsageQuery, stored: list[Event]) -> list[UsageRow]:
    """The same answer by reading one event after the other."""
    groups: dict[tuple[Any, ...], list[tuple[int, int, str]]] = defaultdict(list)
    for seq, event in enumerate(stored):
        texts = {key: json_value(event.data, parse(path)) for key, path in query.meter["groupBy"].items()}
        owner = (query.customers or {}).get(event.subject)
        if event.type != "prompt" or (query.subjects and event.subject not in query.subjects):
            continue
        if (query.customers is not None and owner is None) or not passes(query, texts):
            continue
        first = 0
        if query.window_size:
            found = buckets(query.window_size, query.zone, [event.time // SECONDS_PER_DAY])
            bucket = event.time // found.seconds
            first = bucket * found.seconds if found.starts is None else found.starts[bucket]
        texts |= {"subject": event.subject, "customer_id": owner or ""}
        value = json_value(event.data, parse(query.meter.get("valueProperty", "$")))
        groups[(first, *(texts[key] for key in query.group_by))].append((event.time, -seq, value))
    if not groups and not query.group_by and not query.window_size:
        groups[(0,)] = []
    rows = []
    for (first, *keys), members in sorted(groups.items()):
        number = aggregate(query.meter["aggregation"], members)
        times = [first] if query.window_size else [time for time, _, _ in members] or [0]
        if number is not None:
            rows.append(UsageRow(min(times), max(times), number, dict(zip(query.group_by, keys, strict=True))))
    return rows


def passes(query: UsageQuery, texts: dict[str, str]) -> bool:
    for key, filter_ in (query.filters or {}).items():
        text = texts[key]
        if "$in" in filter_ and text not in filter_["$in"]:
            return False
        if "$ne" in filter_ and text == filter_["$ne"]:
            return False
        if "$or" in filter_ and not (text.lower().startswith("a") or text > "m"):
            return False
    return True


def aggregate(aggregation: str, members: list[tuple[int, int, str]]) -> float | None:
    if aggregation == "COUNT":
        return len(members)
    if aggregation == "UNIQUE_COUNT":
        return len({text for _, _, text in members} - {"null"})
    numbers = [(time, seq, number) for time, seq, text in members if (number := to_float(text)) is not None]
    if not numbers:
        return None
    values = [number for _, _, number in numbers]
    total = sum(values)
    return {
        "SUM": total,
        "AVG": total / len(values),
        "MIN": min(values),
        "MAX": max(values),
        "LATEST": max(numbers)[2],
    }[aggregation]


def close_to(rows: list[UsageRow]) -> list[Any]:
    return [(row.first, row.last, dict(row.groups), pytest.approx(row.value, rel=1e-12)) for row in rows]


def flat(rows: list[UsageRow]) -> list[Any]:
    return [(row.first, row.last, dict(row.groups), row.value) for row in rows]


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_usage_is_what_a_plain_reading_gives(event_store: EventStore, usage: UsageStore, aggregation: str) -> None:
    stored = events(400, seed=1)
    event_store.append(stored)
    for request in REQUESTS:
        query = ask(meter(aggregation), request)
        assert flat(usage.query(query)) == close_to(plainly(query, stored)), request


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_projections_change_no_answer(event_store: EventStore, aggregation: str) -> None:
    stored = events(300, seed=2)
    event_store.append(stored)
    usage = UsageStore(event_store, Projections(event_store, pays_from=1, lag=10**9))
    try:
        query = ask(meter(aggregation), {})
        usage.query(query)
        usage.projections.settle()
        late = events(100, seed=3, first=300)  # above the watermark: read beside the projection
        event_store.append(late)
        for request in REQUESTS:
            query = ask(meter(aggregation), request)
            assert flat(usage.query(query)) == close_to(plainly(query, stored + late)), request
    finally:
        usage.close()
    assert projected(event_store) == 300


def projected(event_store: EventStore) -> int:
    """How far the only projection has come."""
    with event_store.reading() as cursor:
        ((seq,),) = cursor.execute("SELECT seq FROM projections").fetchall()
        assert isinstance(seq, int)
        return seq


def test_a_projection_catches_up_when_many_events_have_come(event_store: EventStore) -> None:
    usage = UsageStore(event_store, Projections(event_store, pays_from=1, lag=50))
    query = ask(meter("SUM"), {})
    try:
        for batch in range(3):
            event_store.append(events(200, seed=batch, first=200 * batch))
            usage.query(query)
            usage.projections.settle()
            assert projected(event_store) == 200 * (batch + 1)
    finally:
        usage.close()


def test_a_changed_meter_gets_a_new_projection(event_store: EventStore) -> None:
    stored = events(200, seed=4)
    event_store.append(stored)
    usage = UsageStore(event_store, Projections(event_store, pays_from=1))
    try:
        for group_by in ({"model": "$.model"}, {"model": "$.usage.v"}):
            query = ask(meter("COUNT", groupBy=group_by), {"groupBy": ["model"]})
            for _ in range(2):
                assert flat(usage.query(query)) == close_to(plainly(query, stored))
                usage.projections.settle()
            with event_store.reading() as cursor:
                tables = cursor.execute(
                    "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'usage_%'"
                ).fetchone()
            assert tables == (1,)
    finally:
        usage.close()


def test_projections_survive_a_restart(tmp_path: Path) -> None:
    stored = events(200, seed=5)
    for round_ in range(2):
        event_store = EventStore(tmp_path, Clock())
        if round_ == 0:
            event_store.append(stored)
        usage = UsageStore(event_store, Projections(event_store, pays_from=1))
        query = ask(meter("SUM"), {"groupBy": ["model"]})
        assert flat(usage.query(query)) == close_to(plainly(query, stored))
        usage.projections.settle()
        assert projected(event_store) == 200
        usage.close()
        event_store.close()


def test_questions_while_events_arrive_and_a_projection_grows(event_store: EventStore) -> None:
    usage = UsageStore(event_store, Projections(event_store, pays_from=1, lag=1))
    query = ask(meter("COUNT", eventType="p"), {"windowSize": "DAY", "windowTimeZone": "Europe/Budapest"})
    batches, size = 40, 50
    acknowledged = []

    def ingest() -> None:
        for batch in range(batches):
            event_store.append([Event(f"{batch}-{n}", "s", "p", "a", START + n, "") for n in range(size)])
            acknowledged.append(size)

    try:
        with ThreadPoolExecutor(1) as pool:
            ingesting = pool.submit(ingest)
            while True:
                finished, least = ingesting.done(), sum(acknowledged)
                counted = sum(row.value for row in usage.query(query))
                assert counted >= least
                assert counted % size == 0
                if finished:
                    break
            ingesting.result()
        assert counted == batches * size
    finally:
        usage.close()


def test_few_events_make_no_projection(event_store: EventStore, usage: UsageStore) -> None:
    event_store.append(events(100, seed=6))
    usage.query(ask(meter("SUM"), {}))
    with event_store.reading() as cursor:
        assert cursor.execute("SELECT * FROM projections").fetchall() == []


def test_event_from_is_a_silent_lower_bound(event_store: EventStore, usage: UsageStore) -> None:
    event_store.append([Event(str(n), "s", "prompt", "a", START + n, "") for n in range(10)])
    counted = meter("COUNT", eventFrom="2024-03-29T08:13:24.5Z")  # START + 4.5 s
    assert [row.value for row in usage.query(ask(counted, {}))] == [6]


def test_sums_beyond_doubles_fail_as_in_openmeter(event_store: EventStore, usage: UsageStore) -> None:
    data = '{"usage":{"v":1e+308}}'
    event_store.append([Event(str(n), "s", "prompt", "a", START, data) for n in range(2)])
    with pytest.raises(InternalFailure):
        usage.query(ask(meter("SUM"), {}))
    with pytest.raises(InternalFailure):
        usage.query(ask(meter("SUM"), {"windowSize": "DAY"}))


def test_subjects_and_values_are_sorted_bytewise(event_store: EventStore, usage: UsageStore) -> None:
    datas = ['{"model":"b"}', '{"model":"B"}', '{"model":null}', "", '{"model":"é"}', '{"model":1}']
    event_store.append([Event(str(n), "s", "prompt", "aZé"[n % 3], START + n, data) for n, data in enumerate(datas)])
    assert usage.subjects("prompt", None, None) == ["Z", "a", "é"]
    assert usage.subjects("prompt", START + 1, START + 2) == ["Z"]
    assert usage.subjects("prompt", 0, 0) == []
    assert usage.values(meter("COUNT"), "model", None, None) == ["", "1", "B", "b", "null", "é"]
    assert usage.values(meter("COUNT"), "model", START + 1, START + 3) == ["B", "null"]
