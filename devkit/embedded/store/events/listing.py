"""Questions about single events."""

from collections.abc import Iterable

import duckdb

from devkit.embedded.domain.event_cursor import Cursor
from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.domain.ingested_event import StoredEvent

_LARGEST = (1 << 63) - 1
_NEWEST_FIRST = "ORDER BY time DESC, stored_at DESC, seq DESC"


def newest_events(
    connection: duckdb.DuckDBPyConnection, conditions: Iterable[Condition], limit: int
) -> list[StoredEvent]:
    """The events that meet all conditions, the latest first."""
    where = all_of(list(conditions))
    sql = f"SELECT {', '.join(StoredEvent._fields)} FROM events WHERE {where.sql} {_NEWEST_FIRST} LIMIT {limit}"
    return [StoredEvent(*row) for row in connection.execute(sql, list(where.values)).fetchall()]


def behind(cursor: Cursor) -> Condition:
    """What comes after the cursor in that order."""
    stored_at, seq = (min(part, _LARGEST) for part in cursor.bound())
    sql = "time <= ? AND (time < ? OR (stored_at, seq) < (?, ?))"
    return Condition(sql, (cursor.time, cursor.time, stored_at, seq))


def count_by_subject(connection: duckdb.DuckDBPyConnection, since: int) -> list[tuple[str, int]]:
    """How many events of each subject have a time of at least `since` (epoch seconds), by subject."""
    sql = "SELECT subject, count(*) FROM events WHERE time >= ? GROUP BY subject ORDER BY subject"
    return connection.execute(sql, [since]).fetchall()
