"""Projections: tables that hold what a meter extracts from its events, made where there are very many.

A projection is filled from the events in the order of seq, in steps, by one thread in the background; how far it has
come (its watermark) is stored with it, so it survives restarts. Whoever reads one reads the events above the watermark
beside it, so an answer never waits for a projection and never depends on how far it is. Between its steps the thread
lets questions go first.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from devkit.embedded.domain.filters import Condition
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage.sources import Extraction, from_events

PAYS_FROM_EVENTS = 1_000_000
_STEP_SEQS = 250_000  # a question that comes during a step shares the machine with it
_LAG_EVENTS = 50_000
_LONGEST_PAUSE_SECONDS = 1.0  # questions that never end must not keep a projection from growing
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS projections (name VARCHAR NOT NULL, meter_id VARCHAR NOT NULL, seq BIGINT NOT NULL)"
)
_log = logging.getLogger(__name__)


class Projections:
    """The projections of one event store."""

    def __init__(self, events: EventStore, *, pays_from: int = PAYS_FROM_EVENTS, lag: int = _LAG_EVENTS) -> None:
        """pays_from: as many events of a meter's type make a projection; lag: as many above the watermark a step."""
        self._events = events
        self._pays_from = pays_from
        self._lag = lag
        self._wanted: dict[str, Extraction] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._stopping = False
        self._questions = 0
        with events.reading() as cursor:
            cursor.execute(_SCHEMA)

    def watermark(self, cursor: duckdb.DuckDBPyConnection, extraction: Extraction) -> int | None:
        """How far the meter's projection has come, in the transaction of this cursor; None where there is none."""
        seq = _watermark(cursor, extraction)
        allowed = self._pays_from if seq is None else self._lag
        if _count(cursor, "SELECT count(*) FROM events") >= allowed and _waiting(cursor, extraction, seq) >= allowed:
            self._want(extraction)
        return seq

    @contextmanager
    def questioned(self) -> Iterator[None]:
        """While a question is answered no step begins."""
        with self._wake:
            self._questions += 1
        try:
            yield
        finally:
            with self._wake:
                self._questions -= 1
                self._wake.notify_all()

    def settle(self) -> None:
        """Waits until nothing is left to do in the background."""
        with self._wake:
            self._wake.wait_for(lambda: not self._wanted)

    def close(self) -> None:
        """Breaks off what is going on; what was done stays."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
            if self._cursor is not None:
                self._cursor.interrupt()
        if self._thread is not None:
            self._thread.join()

    def _want(self, extraction: Extraction) -> None:
        with self._wake:
            if self._stopping:
                return
            self._wanted[extraction.name] = extraction
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="usage-projections", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._wanted or self._stopping)
                if self._stopping:
                    return
                extraction = next(iter(self._wanted.values()))
            try:
                self._catch_up(extraction)
            except (OSError, duckdb.Error):
                if not self._stopping:
                    _log.exception("the projection of meter %s is left as it is", extraction.meter_id)
            with self._wake:
                del self._wanted[extraction.name]
                self._wake.notify_all()

    def _catch_up(self, extraction: Extraction) -> None:
        with self._events.reading() as cursor:
            with self._wake:
                self._cursor = cursor
            try:
                self._may_step()
                _in_transaction(cursor, lambda: _prepare(cursor, extraction))
                while self._may_step() and _in_transaction(cursor, lambda: _advance(cursor, extraction)):
                    pass
            finally:
                with self._wake:
                    self._cursor = None

    def _may_step(self) -> bool:
        """Waits its turn; False when it is time to stop."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopping or not self._questions, _LONGEST_PAUSE_SECONDS)
            return not self._stopping


def _in_transaction(cursor: duckdb.DuckDBPyConnection, work: Callable[[], bool]) -> bool:
    cursor.execute("BEGIN TRANSACTION")
    try:
        done = work()
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")
    return done


def _prepare(cursor: duckdb.DuckDBPyConnection, extraction: Extraction) -> bool:
    """Makes the table where there is none, and drops those of the meter's former definitions."""
    rows = cursor.execute("SELECT name FROM projections WHERE meter_id = ?", [extraction.meter_id]).fetchall()
    names = {name for (name,) in rows}
    for name in names - {extraction.name}:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute("DELETE FROM projections WHERE name = ?", [name])
    if extraction.name not in names:
        empty = from_events(extraction, Condition("false", ()))
        cursor.execute(f"CREATE OR REPLACE TABLE {extraction.name} AS {empty.sql}", empty.values)
        cursor.execute("INSERT INTO projections VALUES (?, ?, 0)", [extraction.name, extraction.meter_id])
    return True


def _advance(cursor: duckdb.DuckDBPyConnection, extraction: Extraction) -> bool:
    """One step; whether there may be another."""
    seq = _watermark(cursor, extraction)
    assert seq is not None
    newest = _count(cursor, "SELECT coalesce(max(seq), 0) FROM events")
    until = min(seq + _STEP_SEQS, newest)
    step = from_events(extraction, Condition("seq > ? AND seq <= ?", (seq, until)))
    cursor.execute(f"INSERT INTO {extraction.name} {step.sql}", step.values)
    cursor.execute("UPDATE projections SET seq = ? WHERE name = ?", [until, extraction.name])
    return until < newest


def _watermark(cursor: duckdb.DuckDBPyConnection, extraction: Extraction) -> int | None:
    row = cursor.execute("SELECT seq FROM projections WHERE name = ?", [extraction.name]).fetchone()
    return row[0] if row else None


def _waiting(cursor: duckdb.DuckDBPyConnection, extraction: Extraction, seq: int | None) -> int:
    """How many events of the meter's type its projection does not hold."""
    sql = "SELECT count(*) FROM events WHERE type = ? AND seq > ?"
    return _count(cursor, sql, extraction.event_type, seq or 0)


def _count(cursor: duckdb.DuckDBPyConnection, sql: str, *values: object) -> int:
    row = cursor.execute(sql, values).fetchone()
    assert row is not None
    return int(row[0])
