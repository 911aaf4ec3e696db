"""The stored events: one DuckDB table, fed from segments of the log and deduplicated on (source, id).

Rows leave a segment as columns: a line `{"s": first seq, "a": accepted at, "i": [ids], "o": [sources], "t": [types],
"u": [subjects], "w": [times], "d": [data texts]}` is one request, or 1,000 events of a larger one. Arrays of columns
are read half as fast again as arrays of objects, and data as a string comes back byte for byte.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from devkit.embedded.domain.events import Event

_log = logging.getLogger(__name__)

Options = dict[str, str | bool | int | float | list[str]]

# h is the lower half of an MD5 and not DuckDB's own hash(), which is a little cheaper but may change with its version
# and would then let every old event in a second time. 64 bits collide once in 370,000 tables of 10 million events.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    h UBIGINT NOT NULL, seq BIGINT NOT NULL, id VARCHAR NOT NULL, source VARCHAR NOT NULL, type VARCHAR NOT NULL,
    subject VARCHAR NOT NULL, time BIGINT NOT NULL, ingested_at BIGINT NOT NULL, stored_at BIGINT NOT NULL,
    data VARCHAR NOT NULL)
"""
_LINE = (
    "{s:'BIGINT', a:'BIGINT', i:'VARCHAR[]', o:'VARCHAR[]', t:'VARCHAR[]', u:'VARCHAR[]', w:'BIGINT[]', d:'VARCHAR[]'}"
)
# A line that lacks something makes rows with a NULL, which the table refuses.
_STAGE = f"""
CREATE OR REPLACE TEMP TABLE staged AS
SELECT md5_number_lower(source || chr(0) || id) AS h, * FROM (
    SELECT s + generate_subscripts(ids, 1) - 1 AS seq, unnest(ids) AS id, unnest(o) AS source, unnest(t) AS type,
        unnest(u) AS subject, unnest(w) AS time, a AS ingested_at, unnest(d) AS data
    FROM (SELECT *, ifnull(i, [NULL]) AS ids FROM read_ndjson(?, maximum_object_size = ?, columns = {_LINE})))
"""
# The staged rows are a table of their own so that the join hashes them and streams the stored ones past; over a
# sub-query DuckDB plans it the other way round.
_STORE = """
INSERT INTO events SELECT h, seq, id, source, type, subject, time, ingested_at, ?, data
FROM staged ANTI JOIN events USING (h) {firsts}
"""
_FIRSTS = "WHERE seq IN (SELECT min(seq) FROM staged GROUP BY h)"
_OPTIONS: Options = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_IDLE_MEMORY = "16MB"
_LINE_EVENTS = 1000
_UNREADABLE = (duckdb.DataError, duckdb.ProgrammingError, duckdb.IntegrityError)


def encode_columns(events: Sequence[Event]) -> list[bytes]:
    """Lines without their beginnings, which `lines` adds once the number of the first event is known."""
    parts = [events[first : first + _LINE_EVENTS] for first in range(0, len(events), _LINE_EVENTS)]
    return [msgspec.json.encode(dict(zip("iotuwd", zip(*part, strict=True), strict=True))) for part in parts]


def lines(first_seq: int, accepted_at: int, columns: Sequence[bytes]) -> bytes:
    """The whole lines of a request."""
    numbers = range(first_seq, first_seq + len(columns) * _LINE_EVENTS, _LINE_EVENTS)
    heads = (b'{"s":%d,"a":%d,' % (number, accepted_at) for number in numbers)
    return b"".join(head + part[1:] + b"\n" for head, part in zip(heads, columns, strict=True))


class EventDatabase:
    """The DuckDB file. One writer (the flush); readers get cursors of their own.

    Raises OSError where it cannot be opened.
    """

    def __init__(self, path: Path, memory_limit: str) -> None:
        self._path = path
        self._options = {**_OPTIONS, "memory_limit": memory_limit}
        self._connection = self._connect()
        self._counting = threading.Lock()
        self._cursors = 0

    def reopen(self) -> None:
        """After a failure that DuckDB does not recover from by itself."""
        self._connection.close()
        self._connection = self._connect()

    def next_seq(self) -> int:
        """One more than the highest number stored."""
        with self.cursor() as cursor:
            return int(_only(cursor.execute("SELECT coalesce(max(seq), 0) + 1 FROM events"))[0])

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the same database."""
        with self._counting:
            self._cursors += 1
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with self._counting:
                self._cursors -= 1

    def shrink(self) -> bool:
        """Gives cached memory back to the system unless a cursor is at work; whether it did.

        DuckDB keeps what it has read up to its memory limit, but lets go of it where that limit is lowered. Dropped
        temporary tables go with a checkpoint.
        """
        with self._counting:
            if self._cursors:
                return False
            limits = (_IDLE_MEMORY, self._options["memory_limit"])
            for statement in ("CHECKPOINT", *(f"SET GLOBAL memory_limit = '{limit}'" for limit in limits)):
                with suppress(duckdb.OperationalError):  # not now, then: it costs memory, not correctness
                    self._connection.execute(statement)
        return True

    def store(self, segment: Path, stored_at: int, quarantine: Path) -> None:
        """Stores the new events of a segment. Lines that cannot be read go to `quarantine`, and that is logged."""
        try:
            self._store_file(segment, stored_at)
        except (*_UNREADABLE, duckdb.OutOfMemoryException) as error:
            _log.error("%s cannot be read as a whole: %s", segment.name, error)
            self._salvage(segment.read_bytes().splitlines(keepends=True), segment, stored_at, quarantine)

    def close(self) -> None:
        self._connection.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self._path), config=self._options)
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection.execute(_SCHEMA)
        except duckdb.Error as error:
            raise OSError(f"the events cannot be opened: {error}") from error
        return connection

    def _store_file(self, segment: Path, stored_at: int) -> None:
        with self.cursor() as cursor:
            cursor.execute(_STAGE, [str(segment), _longest_line(segment)])
            rows, distinct = _only(cursor.execute("SELECT count(*), count(DISTINCT h) FROM staged"))
            firsts = "" if rows == distinct else _FIRSTS
            cursor.execute(_STORE.format(firsts=firsts), [stored_at])
            cursor.execute("DROP TABLE staged")

    def _salvage(self, found: list[bytes], segment: Path, stored_at: int, quarantine: Path) -> None:
        """Stores what it can, halving what fails until single lines remain."""
        part = segment.with_suffix(".part")
        part.write_bytes(b"".join(found))
        try:
            self._store_file(part, stored_at)
        except (*_UNREADABLE, duckdb.OutOfMemoryException) as error:
            if len(found) > 1:
                half = len(found) // 2
                self._salvage(found[:half], segment, stored_at, quarantine)
                self._salvage(found[half:], segment, stored_at, quarantine)
            elif isinstance(error, duckdb.OutOfMemoryException):
                raise
            else:
                _log.error("a line of %s went to %s: %s", segment.name, quarantine, error)
                with quarantine.open("ab") as file:
                    file.write(found[0])
        finally:
            part.unlink(missing_ok=True)


def _longest_line(segment: Path) -> int:
    """A limit for DuckDB, which allocates several times as much for each thread that reads."""
    with segment.open("rb") as file:
        return max(map(len, file), default=0) + 1


def _only(cursor: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The one row of a result. All is fetched: a result with rows left holds a transaction open, and memory with it."""
    ((*row,),) = cursor.fetchall()
    return tuple(row)
