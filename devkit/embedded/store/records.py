"""Everything but events: JSON documents of all kinds in one SQLite table with indexed columns.

A document is a dict with at least `id` and `createdAt`; `deletedAt` marks it as deleted (nothing is ever removed).
`key` is the caller's own name for it, unique among the live documents of its kind; its field `name` has a column too,
by which lists are ordered. `refs` are further indexed values (the subject keys of a customer, the meter of a feature),
by name.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

Document = dict[str, Any]
Refs = Mapping[str, Sequence[str]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT, deleted INTEGER NOT NULL, body TEXT NOT NULL,
    name TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_name ON records (kind, deleted, name, id);
CREATE INDEX IF NOT EXISTS records_by_id ON records (kind, deleted, id);
CREATE INDEX IF NOT EXISTS records_by_key ON records (kind, key) WHERE key IS NOT NULL;
CREATE TABLE IF NOT EXISTS refs (
    kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (kind, name, value, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refs_by_id ON refs (kind, id);
"""


class Records:
    """The document store. Transactions share one connection behind one lock, which they hold until they end.

    Whoever is in none reads through a connection of its thread: readers wait for nobody and see what is committed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._of_thread = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._is_closed = False
        path.touch()
        path.chmod(0o600)  # it has the keys of apps; the files beside it take after it
        self._connection = _connected(path)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        _upgrade(self._connection)
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an exception rolls back. Nested ones join the outer."""
        if self._is_writing():
            yield
            return
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._of_thread.writing = True
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a commit that failed may have ended it
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._of_thread.writing = False

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction: an exception takes back what the part wrote, and nothing else."""
        with self.transaction():
            self._connection.execute("SAVEPOINT attempt")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK TO attempt")
                raise
            finally:
                self._connection.execute("RELEASE attempt")

    def put(self, kind: str, document: Document, *, key: str | None = None, refs: Refs | None = None) -> None:
        """Writes a document, new or changed, with its key and all of its refs."""
        body = msgspec.json.encode(document).decode()
        row = (kind, document["id"], key, int("deletedAt" in document), body, document.get("name"))
        with self.transaction():
            self._connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
            self._connection.execute("DELETE FROM refs WHERE kind = ? AND id = ?", row[:2])
            pairs = {(name, value) for name, values in (refs or {}).items() for value in values}
            rows = [(kind, name, value, document["id"]) for name, value in pairs]
            self._connection.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", rows)

    def get(self, kind: str, id_: str) -> Document | None:
        """By id, deleted ones too."""
        return self._first("SELECT body FROM records WHERE kind = ? AND id = ?", kind, id_)

    def by_key(self, kind: str, key: str) -> Document | None:
        """The live document with this key."""
        return self._first("SELECT body FROM records WHERE kind = ? AND key = ? AND deleted = 0", kind, key)

    def by_ref(self, kind: str, name: str, value: str, *, deleted: bool = False, limit: int = -1) -> list[Document]:
        """The live documents with this ref by id, with `deleted` the deleted ones too. limit: so many; -1: all"""
        # CROSS: from the ref to its documents. By itself SQLite would look through all documents of the kind.
        sql = (
            "SELECT body FROM refs CROSS JOIN records ON records.kind = refs.kind AND records.id = refs.id"
            " WHERE refs.kind = ? AND refs.name = ? AND value = ? AND deleted <= ? ORDER BY refs.id LIMIT ?"
        )
        return self._all(sql, kind, name, value, int(deleted), limit)

    def all(self, kind: str, *, deleted: bool = False) -> list[Document]:
        """All live documents of a kind by id (so by creation), with `deleted` the deleted ones too."""
        return self._all("SELECT body FROM records WHERE kind = ? AND deleted <= ? ORDER BY id", kind, int(deleted))

    def rows(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of a SELECT over the tables `records` and `refs`; store/listing.py makes them."""
        connection = self._connection if self._is_writing() else self._reader()
        return connection.execute(sql, values).fetchall()

    def close(self) -> None:
        with self._lock, self._readers_lock:
            self._is_closed = True
            for connection in (*self._readers, self._connection):
                connection.close()

    def _is_writing(self) -> bool:
        return getattr(self._of_thread, "writing", False)

    def _reader(self) -> sqlite3.Connection:
        """The reading connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._of_thread, "reader", None)
        if found is None:
            with self._readers_lock:
                if self._is_closed:
                    raise sqlite3.ProgrammingError("the store is closed")
                found = self._of_thread.reader = _connected(self._path)
                self._readers.append(found)
            found.execute("PRAGMA query_only=ON")
        return found

    def _first(self, sql: str, *values: object) -> Document | None:
        found = self._all(sql, *values)
        return found[0] if found else None

    def _all(self, sql: str, *values: object) -> list[Document]:
        return [msgspec.json.decode(body) for (body,) in self.rows(sql, values)]


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.create_function("contains", 2, _contains, deterministic=True)
    return connection


def _upgrade(connection: sqlite3.Connection) -> None:
    """Adds the column of names to tables that were made without it."""
    columns = {column for _, column, *_ in connection.execute("PRAGMA table_info(records)")}
    if columns and "name" not in columns:
        connection.execute("ALTER TABLE records ADD COLUMN name TEXT")
        connection.execute("UPDATE records SET name = body ->> '$.name'")


def _contains(text: str | None, part: str) -> bool:
    """part: in small letters"""
    return text is not None and part in text.lower()
