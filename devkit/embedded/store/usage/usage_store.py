"""Answers about the usage of meters."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from typing import Any

import duckdb

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.domain.jsonpath import parse
from devkit.embedded.domain.usage import UsageQuery, UsageRow
from devkit.embedded.domain.windows import SECONDS_PER_DAY, Buckets, buckets
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage import statements
from devkit.embedded.store.usage.json_sql import text_sql
from devkit.embedded.store.usage.projections import Projections
from devkit.embedded.store.usage.sources import Extraction, from_events, from_projection

_REGULAR_IN_UTC = {"MINUTE": 60, "HOUR": 3600, "DAY": SECONDS_PER_DAY}


class UsageStore:
    """Reads usage from the events, or from a meter's projection where there are so many that it pays."""

    def __init__(self, events: EventStore, projections: Projections | None = None) -> None:
        self._events = events
        self.projections = projections or Projections(events)

    def query(self, query: UsageQuery) -> list[UsageRow]:
        """The rows of an answer, by window and then by group. Raises InternalFailure where a value is not finite."""
        extraction = Extraction.of(query.meter)
        with self.projections.questioned(), self._snapshot() as cursor:
            seq = None
            if query.stored_before is None:  # a projection does not know when its events were stored
                seq = self.projections.watermark(cursor, extraction)
            statement = statements.usage(
                _source(query, extraction, seq), query, _buckets(cursor, query, extraction, seq)
            )
            try:
                rows = cursor.execute(statement.sql, statement.values).fetchall()
            except duckdb.OutOfRangeException as error:
                raise InternalFailure("the usage is out of the range of doubles") from error
        if not all(math.isfinite(row[2]) for row in rows):
            raise InternalFailure("the usage is not finite")
        keys = statements.keys(query)
        return [
            UsageRow(first, last, value, dict(zip(keys, groups, strict=True))) for first, last, value, *groups in rows
        ]

    def subjects(self, event_type: str, start: int | None, end: int | None) -> list[str]:
        """The subjects of events of this type between two seconds, bytewise ascending."""
        return self._distinct("subject", event_type, start, end)

    def values(self, meter: Mapping[str, Any], key: str, start: int | None, end: int | None) -> list[str]:
        """The texts at the path of a group-by key, bytewise ascending."""
        return self._distinct(text_sql("data", parse(meter["groupBy"][key])), meter["eventType"], start, end)

    def close(self) -> None:
        """Ends work in the background. Before the events are closed."""
        self.projections.close()

    def _distinct(self, expression: str, event_type: str, start: int | None, end: int | None) -> list[str]:
        conditions = [Condition("type = ?", (event_type,))]
        for bound, second in (("time >= ?", start), ("time < ?", end)):
            if second is not None:
                conditions.append(Condition(bound, (second,)))
        where = all_of(conditions)
        sql = f"SELECT DISTINCT {expression} AS v FROM events WHERE {where.sql} ORDER BY v"
        with self._events.reading() as cursor:
            return [text for (text,) in cursor.execute(sql, where.values).fetchall()]

    @contextmanager
    def _snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose statements all see the same events."""
        with self._events.reading() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")


def _source(query: UsageQuery, extraction: Extraction, seq: int | None) -> Condition:
    """The events that count, with the columns that the answer needs."""
    needed = extraction.only({*query.group_by, *(query.filters or {})})
    rows = statements.rows_condition(query)
    return from_events(needed, rows) if seq is None else from_projection(needed, extraction.name, seq, rows)


def _buckets(
    cursor: duckdb.DuckDBPyConnection, query: UsageQuery, extraction: Extraction, seq: int | None
) -> Buckets | None:
    size = query.window_size
    if size is None:
        return None
    if query.zone is UTC and size in _REGULAR_IN_UTC:
        return Buckets(_REGULAR_IN_UTC[size])
    bare = replace(extraction.only(set()), value_path=None)
    rows = statements.rows_condition(query)
    source = from_events(bare, rows) if seq is None else from_projection(bare, extraction.name, seq, rows)
    statement = statements.days(source)
    days = [day for (day,) in cursor.execute(statement.sql, statement.values).fetchall()]
    return buckets(size, query.zone, days)
