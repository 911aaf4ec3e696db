"""Lists of documents, filtered, ordered and cut into pages by SQLite, so that a page costs the same in any long list.

Conditions and orders work on the fields of the documents. The name has an index (store/records.py); another order
makes SQLite sort what the conditions leave.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.store.records import Document, Records

LIVE = Condition("deleted = 0", ())
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True)
class Listing:
    """Which documents a list shows and in which order.

    order:   a field of the documents; ids and moments of creation are the same order
    deleted: whether the deleted ones are in it
    """

    kind: str
    conditions: tuple[Condition, ...] = ()
    order: str = "id"
    descending: bool = False
    deleted: bool = False


def contains(field: str, part: str) -> Condition:
    """The text of the field has this part, in capitals or not; a missing one has none."""
    return Condition(f"contains({_field(field)}, ?)", (part.lower(),))


def ref_contains(kind: str, name: str, part: str) -> Condition:
    """One of the refs of this name has this part, in capitals or not."""
    sql = "id IN (SELECT id FROM refs WHERE kind = ? AND name = ? AND contains(value, ?))"
    return Condition(sql, (kind, name, part.lower()))


def ref_among(kind: str, name: str, values: Iterable[str]) -> Condition:
    """One of the refs of this name is one of these values."""
    sql = "id IN (SELECT id FROM refs WHERE kind = ? AND name = ? AND value IN (SELECT value FROM json_each(?)))"
    return Condition(sql, (kind, name, _list(values)))


def among(field: str, values: Iterable[str]) -> Condition:
    """The field is one of these values."""
    return Condition(f"{_field(field)} IN (SELECT value FROM json_each(?))", (_list(values),))


def page(records: Records, listing: Listing, *, limit: int, offset: int) -> tuple[list[Document], int]:
    """The documents of one page, and how many the whole list has."""
    found = _found(listing)
    total = records.rows(f"SELECT count(*) FROM records WHERE {found.sql}", found.values)[0][0]
    if offset >= total:
        return [], total
    # The page is chosen by what indexes hold; only its own documents are read whole.
    order = f"ORDER BY {_direction(listing, 'rank')}"
    rows = records.rows(
        f"SELECT body FROM (SELECT kind, id, {_order(listing.order)} AS rank FROM records WHERE {found.sql}"
        f" {order} LIMIT ? OFFSET ?) JOIN records USING (kind, id) {order}",
        (*found.values, min(limit, _LARGEST), offset),
    )
    return _decoded(rows), total


def every(records: Records, listing: Listing) -> list[Document]:
    """All documents of a list."""
    found = _found(listing)
    sql = f"SELECT body FROM records WHERE {found.sql} ORDER BY {_direction(listing, _order(listing.order))}"
    return _decoded(records.rows(sql, found.values))


def _found(listing: Listing) -> Condition:
    live = [] if listing.deleted else [LIVE]
    return all_of([Condition("kind = ?", (listing.kind,)), *live, *listing.conditions])


def _decoded(rows: Iterable[tuple[str]]) -> list[Document]:
    return [msgspec.json.decode(body) for (body,) in rows]


def _direction(listing: Listing, rank: str) -> str:
    """By rank, then id. What lacks the field comes last, as in PostgreSQL: first where the order is turned around."""
    direction = "DESC" if listing.descending else "ASC"
    if listing.order in ("id", "createdAt", "name"):  # always there; without the words SQLite can use its index
        return f"{rank} {direction}, id {direction}"
    return f"{rank} {direction} NULLS {'FIRST' if listing.descending else 'LAST'}, id {direction}"


def _order(field: str) -> str:
    if field in ("id", "createdAt"):
        return "id"
    # Without the zone, a moment with a fraction sorts behind the one without.
    return f"rtrim({_field(field)}, 'Z')" if field.endswith("At") else _field(field)


def _field(name: str) -> str:
    if name in ("id", "name"):
        return name
    assert name.isalnum(), name  # it becomes part of the statement
    return f"body ->> '$.{name}'"


def _list(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
