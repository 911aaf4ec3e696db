"""Rows of a meter query: what a check expects of them, and the order in which it compares them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devkit.checks import expect
from devkit.checks.calls import Answer
from devkit.checks.scene import Scene

# The month in which checks put usage of fixed times: long past, so that nothing of today mixes in.
FROM, TO = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"
JANUARY = {"from": FROM, "to": TO}

Usage = tuple[str, str, Mapping[str, Any] | None]


def day(number: int, hour: str = "00:00:00") -> str:
    """A moment in January 2024, UTC."""
    return f"2024-01-{number:02d}T{hour}Z"


def use(scene: Scene, event_type: str, *usage: Usage) -> None:
    """Ingests one event for each (time, subject, data) and waits until all are visible."""
    scene.ingest([scene.event(event_type, subject, time=time, data=data) for time, subject, data in usage])


def row(
    value: float,
    start: str = FROM,
    end: str = TO,
    *,
    subject: str | None = None,
    group: Mapping[str, str] | None = None,
    customer: str | None = None,
) -> dict[str, Any]:
    """A row as the API answers it; without start and end, that of the whole month."""
    base = {"value": value, "windowStart": start, "windowEnd": end, "subject": subject, "groupBy": dict(group or {})}
    return base if customer is None else base | {"customerId": customer}


def expect_rows(what: str, answer: Answer, *expected: Mapping[str, Any]) -> None:
    """Exactly these rows in any order, and windows that do not go back: OpenMeter leaves the rest of the order open."""
    rows = expect.array(f"{what}: data", expect.field(what, answer.body, "data"))
    if answer.body.get("windowSize"):
        starts = expect.fields(f"{what}: data", rows, "windowStart")
        expect.equal(f"{what}: order of the windows", starts, sorted(starts, key=datetime.fromisoformat))
    expect.equal(f"{what}: data", sorted(rows, key=_place), sorted(expected, key=_place))


def _place(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(expect.show(item.get(name)) for name in ("windowStart", "subject", "customerId", "groupBy", "value"))
