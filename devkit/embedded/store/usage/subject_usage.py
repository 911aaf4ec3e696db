"""What some subjects used of a meter between two instants, asked for thousands of times a second.

Events of a meter are read once and then held in memory by subject; each question takes up the events that came since.
A meter with very many events is asked from the event store each time.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb
import msgspec

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.filters import Condition, Filter, all_of
from devkit.embedded.domain.timestamps import format_instant, parse
from devkit.embedded.domain.usage import UsageQuery, effective_start
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage import statements
from devkit.embedded.store.usage.sources import Extraction, from_events
from devkit.embedded.store.usage.usage_series import UsageSeries
from devkit.embedded.store.usage.usage_store import UsageStore

_MOST_EVENTS = 500_000
_MOST_METERS = 16
Meter = Mapping[str, Any]


class SubjectUsage:
    """Answers from memory, with every event acknowledged so far."""

    def __init__(self, events: EventStore, usage: UsageStore, *, most_events: int = _MOST_EVENTS) -> None:
        """most_events: of meters with more nothing is held."""
        self._events = events
        self._usage = usage
        self._most_events = most_events
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def between(
        self,
        meter: Meter,
        filters: Mapping[str, Filter],
        subjects: Sequence[str],
        start: datetime,
        end: datetime,
        *,
        stored_before: int | None = None,
    ) -> float:
        """The value of the meter for these subjects together, 0 without events; from `start` on to before `end`.

        filters:       on group-by keys
        stored_before: only events that were stored before this second since the epoch
        Raises InternalFailure where the value is beyond doubles.
        """
        if not subjects or start >= end:
            return 0.0
        query = UsageQuery(
            meter,
            parse(format_instant(start)),
            parse(format_instant(end)),
            subjects=tuple(subjects),
            filters=filters or None,
            stored_before=stored_before,
        )
        value = self._between(query)
        if not math.isfinite(value):
            raise InternalFailure("the usage is not finite")
        return value

    def _between(self, query: UsageQuery) -> float:
        with self._lock:
            held = self._up_to_date(query)
            known = held.counting(query.subjects, query.stored_before)
            if known is not None:
                return _value(query, known)
        rows = self._usage.query(query)
        return rows[0].value if rows else 0.0

    def _up_to_date(self, query: UsageQuery) -> "_Held":
        extraction = Extraction.of(query.meter)
        name = msgspec.json.encode((extraction, query.filters), order="sorted")
        held = self._held.setdefault(name, _Held())
        self._held.move_to_end(name)
        if len(self._held) > _MOST_METERS:
            self._held.popitem(last=False)
        newest = self._events.newest_seq
        if held.seq < newest:
            held.take_up(self._events, extraction, query, newest, self._most_events)
        return held


class _Held:
    """The events of one meter that match its filters. series: None where there are too many to hold."""

    def __init__(self) -> None:
        self.seq = 0
        self._rows = 0
        self.series: dict[str, UsageSeries] | None = {}
        self._stored: dict[str, tuple[int, int]] = {}

    def counting(self, subjects: Sequence[str], stored_before: int | None) -> Mapping[str, UsageSeries] | None:
        """The events of the subjects that were stored before; None where that is not held in memory."""
        if self.series is None or stored_before is None:
            return self.series
        found = [(one, *self._stored[one]) for one in subjects if one in self._stored]
        if any(first < stored_before <= last for _, first, last in found):
            return None
        return {one: self.series[one] for one, _, last in found if last < stored_before and one in self.series}

    def take_up(
        self, events: EventStore, extraction: Extraction, query: UsageQuery, newest: int, most_events: int
    ) -> None:
        """Reads what came up to the newest event."""
        if self.series is None:
            return
        with events.reading() as cursor:
            if (self.seq == 0 and _count(cursor, extraction) > most_events) or self._rows > most_events:
                self.series = None
                return
            rows = _rows(cursor, extraction, query, self.seq, newest)
            for subject, first, last in _stored(cursor, extraction, self.seq, newest):
                known = self._stored.get(subject, (first, last))
                self._stored[subject] = (min(first, known[0]), max(last, known[1]))
        self._rows += len(rows)
        for subject, found in groupby(rows, key=itemgetter(0)):
            series = self.series.setdefault(subject, UsageSeries())
            series.add([(time, seq, value) for _, time, seq, value in found])
        self.seq = newest


def _count(cursor: duckdb.DuckDBPyConnection, extraction: Extraction) -> int:
    row = cursor.execute("SELECT count(*) FROM events WHERE type = ?", [extraction.event_type]).fetchone()
    assert row is not None
    return int(row[0])


def _stored(
    cursor: duckdb.DuckDBPyConnection, extraction: Extraction, after: int, newest: int
) -> list[tuple[str, int, int]]:
    """When the first and the last of the new events of each subject were stored."""
    sql = (
        "SELECT subject, min(stored_at), max(stored_at) FROM events"
        " WHERE type = ? AND seq > ? AND seq <= ? GROUP BY subject"
    )
    return cursor.execute(sql, (extraction.event_type, after, newest)).fetchall()


def _rows(
    cursor: duckdb.DuckDBPyConnection, extraction: Extraction, query: UsageQuery, after: int, newest: int
) -> list[tuple[str, int, int, Any]]:
    """Subject, time, seq and value of new events, by subject, time and seq; those without a value left out."""
    needed = extraction.only(set(query.filters or {}))
    source = from_events(needed, Condition("seq > ? AND seq <= ?", (after, newest)))
    conditions = [statements.groups_condition(query.filters)]
    value = "NULL"
    if extraction.value_path is not None:
        value = "value"
        conditions.append(Condition("value IS NOT NULL", ()))
    where = all_of(conditions)
    sql = f"SELECT subject, time, seq, {value} FROM ({source.sql}) WHERE {where.sql} ORDER BY subject, time, seq"
    return cursor.execute(sql, (*source.values, *where.values)).fetchall()


def _value(query: UsageQuery, series: Mapping[str, UsageSeries]) -> float:
    assert query.end is not None
    start, end = effective_start(query) or 0, int(query.end.timestamp() // 1)
    found = [series[subject] for subject in dict.fromkeys(query.subjects) if subject in series]
    match query.meter["aggregation"]:
        case "SUM":
            return math.fsum(one.sum(start, end) for one in found)
        case "COUNT":
            return float(sum(one.count(start, end) for one in found))
        case "UNIQUE_COUNT":
            return float(len(set().union(*(one.values(start, end) for one in found))))
        case "LATEST":
            rows = [row for one in found if (row := one.latest(start, end)) is not None]
            newest = max(rows, key=lambda row: (row[0], -row[1]), default=None)
            return float(newest[2] or 0.0) if newest is not None else 0.0
    raise InternalFailure(f"no usage is measured by {query.meter['aggregation']}")
