"""Compares the totals that a generator kept with what the API answers, per meter, subject and group."""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.streams.planning import StreamPlan, utc
from devkit.streams.totals import MeterTotals, Row

MOST_SUBJECTS = 100  # in one query
_ROLL: Mapping[str, Callable[[Iterable[float]], float]] = {"SUM": math.fsum, "COUNT": math.fsum, "MIN": min, "MAX": max}


@dataclass(frozen=True)
class RowDifference:
    """A row of which generator and server say something different; None where one has no such row."""

    subject: str | None
    groups: Mapping[str, str]
    expected: float | None
    actual: float | None

    def __str__(self) -> str:
        where = ", ".join(
            f"{name}={value}" for name, value in {"subject": self.subject, **self.groups}.items() if value
        )
        return f"{where or 'all'}: expected {number(self.expected)}, got {number(self.actual)}"


@dataclass(frozen=True)
class MeterComparison:
    """One meter. expected, actual: over all subjects and groups; actual is None where others' events are in the way."""

    meter: str
    aggregation: str
    rows: int
    expected: float | None
    actual: float | None
    differences: tuple[RowDifference, ...]

    @property
    def overshoots(self) -> bool:
        """Is there more on the server than was sent? Waiting cannot mend that."""
        growing = self.aggregation in ("SUM", "COUNT", "UNIQUE_COUNT")
        return growing and any((d.actual or 0) > (d.expected or 0) for d in self.differences)


@dataclass(frozen=True)
class Patience:
    """How long an asynchronous server gets. Seconds: in all, without any change, between two looks, two words."""

    deadline: float = 60
    stagnant: float = 20
    pause: float = 0.5
    silence: float = 5


def compare_when_ready(
    client: OpenMeter,
    plan: StreamPlan,
    meters: Sequence[MeterTotals],
    patience: Patience,
    on_wait: Callable[[int], None],
) -> list[MeterComparison]:
    """Compares, again and again, until all is equal or waiting makes no sense. on_wait: how many rows differ."""
    started = changed = time.monotonic()
    told = 0.0
    before: list[MeterComparison] = []
    while True:
        found = [compare(client, plan, meter) for meter in meters]
        now = time.monotonic()
        changed = now if found != before else changed
        differing = sum(len(comparison.differences) for comparison in found)
        hopeless = any(comparison.overshoots for comparison in found) or now - changed >= patience.stagnant
        if not differing or hopeless or now - started >= patience.deadline:
            return found
        if now - told >= patience.silence:
            told = now
            on_wait(differing)
        before = found
        time.sleep(patience.pause)


def compare(client: OpenMeter, plan: StreamPlan, meter: MeterTotals) -> MeterComparison:
    """One look at one meter, restricted to the stream's subjects and range."""
    by_subject = meter.rows(by_subject=True, by_group=False)
    answered = _query(client, plan, meter, groups=())
    differences = list(_differing(by_subject, answered, ()))
    rows = len(by_subject)
    if meter.groups:
        by_group = meter.rows(by_subject=True, by_group=True)
        differences += _differing(by_group, _query(client, plan, meter, groups=meter.groups), meter.groups)
        rows += len(by_group)
    whole = meter.rows(by_subject=False, by_group=False).get((None, ()))
    known, actual = _whole(client, plan, meter, answered)
    if known and not _equal(whole, actual):
        differences.insert(0, RowDifference(None, {}, whole[0] if whole else None, actual))
    expected = None if whole is None else actual if _equal(whole, actual) else whole[0]
    return MeterComparison(meter.slug, meter.aggregation, rows + 1, expected, actual, tuple(differences))


def _differing(
    expected: Mapping[Row, tuple[float, ...]], actual: Mapping[Row, float], groups: Sequence[str]
) -> Iterator[RowDifference]:
    for row in sorted(expected.keys() | actual.keys(), key=str):
        if not _equal(expected.get(row), actual.get(row)):
            wanted = expected.get(row)
            names = dict(zip(groups, row[1], strict=True))
            yield RowDifference(row[0], names, wanted[0] if wanted else None, actual.get(row))


def _equal(expected: tuple[float, ...] | None, actual: float | None) -> bool:
    if expected is None or actual is None:
        return expected is None and actual is None
    return any(math.isclose(value, actual, rel_tol=1e-9, abs_tol=1e-9) for value in expected)


def _query(client: OpenMeter, plan: StreamPlan, meter: MeterTotals, groups: Sequence[str]) -> dict[Row, float]:
    found: dict[Row, float] = {}
    subjects = plan.stream.subjects
    for start in range(0, len(subjects), MOST_SUBJECTS):
        body = {**_range(plan), "subject": list(subjects[start : start + MOST_SUBJECTS]), "groupBy": list(groups)}
        for row in _rows(client, meter, body):
            found[row["subject"], tuple(row["groupBy"].get(name, "") for name in groups)] = row["value"]
    return found


def _whole(
    client: OpenMeter, plan: StreamPlan, meter: MeterTotals, by_subject: Mapping[Row, float]
) -> tuple[bool, float | None]:
    """The total over the stream's subjects; False where it cannot be asked for without those of others."""
    if meter.aggregation in _ROLL:
        return True, float(_ROLL[meter.aggregation](by_subject.values())) if by_subject else None
    there = client.call("listMeterSubjects", path={"meterIdOrSlug": meter.slug}, query=_range(plan))
    if not set(there) <= set(plan.stream.subjects):
        return False, None
    rows = _rows(client, meter, _range(plan))
    return True, rows[0]["value"] if rows else None


def _rows(client: OpenMeter, meter: MeterTotals, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.call("queryMeterPost", path={"meterIdOrSlug": meter.slug}, body=body)["data"]
    return rows


def _range(plan: StreamPlan) -> dict[str, str]:
    return {"from": utc(plan.compared_from), "to": utc(plan.end)}


def foreign_events(client: OpenMeter, plan: StreamPlan, limit: int = 3) -> list[dict[str, Any]]:
    """Some events that count like the stream's, and are none of it: same type, subjects and range, other ids."""
    wanted = {
        "type": {"$eq": plan.stream.event_type},
        "subject": {"$in": list(plan.stream.subjects[:MOST_SUBJECTS])},
        "time": {"$and": [{"$gte": utc(plan.compared_from)}, {"$lt": utc(plan.end)}]},
        "id": {"$nlike": f"{plan.id_prefix}%"},
    }
    page = client.call("listEventsV2", query={"filter": json.dumps(wanted), "limit": limit})
    return [item["event"] for item in page["items"]]


def number(value: float | None) -> str:
    """For people: with thousands separators, and no more digits than it has."""
    if value is None:
        return "nothing"
    if float(value).is_integer() and abs(value) < 2**63:
        return f"{int(value):,}"
    return f"{value:,.6f}".rstrip("0").rstrip(".")
