"""A stream that uses everything, its meters, and an oracle that adds up decoded events the slow way."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.streams.definition import Stream
from devkit.streams.generator import Generator
from devkit.streams.planning import StreamPlan
from devkit.streams.totals import Row

NOW = 1_795_372_000  # 2026-11-22T18:26:40Z

DATA: dict[str, Any] = {
    "model": {"choice": {"values": ["small", "large"], "weights": [3, 1]}},
    "tokens": {
        "by": {
            "by": "model",
            "cases": {
                "small": {"lognormal": {"median": 50, "sigma": 1.0, "least": 1, "most": 5000}},
                "large": {"integer": {"least": 100, "most": 900}},
            },
        }
    },
    "price": {"number": {"least": 0.0, "most": 2.0, "decimals": 2}},
    "session": {"pool": {"size": 5, "prefix": "s-", "perSubject": True}},
    "request": {"unique": {"prefix": "r-"}},
    "mixed": {"choice": {"values": [1, "1", True, "null", "2.5", "x"], "weights": [1] * 6}},
    "fixed": {"constant": 7},
}

METERS: list[dict[str, Any]] = [
    {"slug": "m_count", "aggregation": "COUNT", "groupBy": {"model": "$.model", "gone": "$.nothing"}},
    {"slug": "m_sum", "aggregation": "SUM", "valueProperty": "$.tokens", "groupBy": {"model": "$['model']"}},
    {"slug": "m_avg", "aggregation": "AVG", "valueProperty": "$.price"},
    {"slug": "m_min", "aggregation": "MIN", "valueProperty": "$.mixed", "groupBy": {"mixed": "$.mixed"}},
    {"slug": "m_max", "aggregation": "MAX", "valueProperty": "$.tokens"},
    {"slug": "m_unique", "aggregation": "UNIQUE_COUNT", "valueProperty": "$.session"},
    {"slug": "m_unique_mixed", "aggregation": "UNIQUE_COUNT", "valueProperty": "$.mixed"},
    {"slug": "m_unique_request", "aggregation": "UNIQUE_COUNT", "valueProperty": "$.request"},
    {"slug": "m_latest", "aggregation": "LATEST", "valueProperty": "$.price", "groupBy": {"model": "$.model"}},
    {"slug": "m_missing", "aggregation": "SUM", "valueProperty": "$.nothing"},
    {"slug": "m_since", "aggregation": "COUNT", "eventFrom": "2026-11-20T06:30:00Z"},
]
for _meter in METERS:
    _meter["eventType"] = "thing"


def stream(**changes: Any) -> Stream:
    usual: dict[str, Any] = {
        "name": "things",
        "event_type": "thing",
        "source": "test",
        "events": 3000,
        "seed": 1,
        "over": 7 * 86_400,
        "start": None,
        "end": None,
        "rhythm": "business",
        "subjects": ("ann", 'b"ob', "çelik"),
        "zipf": 1.0,
        "data": DATA,
    }
    return Stream(**{**usual, **changes})


def events_of(plan: StreamPlan) -> list[dict[str, Any]]:
    return list(Generator(plan).events())


def second(event: Mapping[str, Any]) -> int:
    return int(datetime.fromisoformat(event["time"]).timestamp())


def oracle(meter: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> dict[Row, Any]:
    """What OpenMeter answers, per subject and all groups; a set of possible values for LATEST."""
    groups: dict[Row, list[Mapping[str, Any]]] = {}
    since = datetime.fromisoformat(meter["eventFrom"]).timestamp() if "eventFrom" in meter else 0
    for event in events:
        if second(event) >= since:
            names = tuple(_text(event, path) for path in (meter.get("groupBy") or {}).values())
            groups.setdefault((event["subject"], names), []).append(event)
    rows = {row: _aggregated(meter, listed) for row, listed in groups.items()}
    return {row: value for row, value in rows.items() if value is not None}


def _aggregated(meter: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Any:
    aggregation, path = meter["aggregation"], meter.get("valueProperty", "")
    if aggregation == "COUNT":
        return len(events)
    if aggregation == "UNIQUE_COUNT":
        return len({_text(event, path) for event in events} - {"null"})
    timed = [(second(event), number) for event in events if (number := _number(event, path)) is not None]
    numbers = [number for _, number in timed]
    if not numbers:
        return None
    if aggregation == "LATEST":
        last = max(timed)[0]
        return {number for at, number in timed if at == last}
    return {"SUM": sum(numbers), "MIN": min(numbers), "MAX": max(numbers), "AVG": sum(numbers) / len(numbers)}[
        aggregation
    ]


def _value(event: Mapping[str, Any], path: str) -> Any:
    return event["data"].get(path.strip("$.['\"]"), "")


def _text(event: Mapping[str, Any], path: str) -> str:
    value = _value(event, path)
    return value if isinstance(value, str) else json.dumps(value)


def _number(event: Mapping[str, Any], path: str) -> float | None:
    value = _value(event, path)
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        return None
