"""Pages that SQLite cuts are those that a plain sort and slice of all documents gives."""

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.ordering import by
from devkit.embedded.store.listing import Listing, among, contains, every, page, ref_among, ref_contains
from devkit.embedded.store.records import Records

KIND = "thing"
NAMES = st.sampled_from(["Ann", "ann", "bob", "Ångström", "%", "_", "a%n", "\U0001f642", ""])
MOMENTS = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.25Z"])


@st.composite
def things(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        thing: dict[str, Any] = {"id": f"{number:02}", "createdAt": "2026-01-01T00:00:00Z"}
        thing["updatedAt"] = draw(MOMENTS)
        thing |= {"name": draw(NAMES), "tags": draw(st.lists(NAMES, max_size=2))}
        made.append(thing | ({"deletedAt": thing["updatedAt"]} if draw(st.booleans()) else {}))
    return made


def _records(path: Path, made: list[dict[str, Any]]) -> Records:
    records = Records(path / "records.sqlite")
    for thing in made:
        records.put(KIND, thing, refs={"tag": thing["tags"]})
    records.put("other", {"id": "x", "createdAt": "2026-01-01T00:00:00Z", "name": "Ann"}, refs={"tag": ["Ann"]})
    return records


@given(
    made=things(),
    part=NAMES,
    order=st.sampled_from(["id", "name", "updatedAt"]),
    descending=st.booleans(),
    deleted=st.booleans(),
    limit=st.integers(1, 5),
    offset=st.integers(0, 14),
)
def test_a_page_is_a_slice_of_the_sorted_list(  # noqa: PLR0917 - hypothesis passes them by name
    made: list[dict[str, Any]], part: str, order: str, descending: bool, deleted: bool, limit: int, offset: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = _records(Path(folder), made)
        listing = Listing(KIND, (contains("name", part),), order, descending, deleted)
        found, total = page(records, listing, limit=limit, offset=offset)
        whole = every(records, listing)
        records.close()

    matching = [t for t in made if part.lower() in t["name"].lower() and (deleted or "deletedAt" not in t)]
    matching.sort(key=lambda thing: (by(order)(thing), thing["id"]), reverse=descending)
    assert total == len(matching)
    assert found == matching[offset : offset + limit]
    assert whole == matching


@given(made=things(), part=NAMES, values=st.lists(NAMES, max_size=2))
def test_refs_and_values_choose_as_the_documents_say(made: list[dict[str, Any]], part: str, values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = _records(Path(folder), made)

        def ids(*conditions: Any) -> list[str]:
            return [t["id"] for t in page(records, Listing(KIND, conditions, deleted=True), limit=99, offset=0)[0]]

        by_part, by_value = ids(ref_contains(KIND, "tag", part)), ids(ref_among(KIND, "tag", values))
        by_name, none = ids(among("name", values)), ids(among("id", ()))
        records.close()

    assert by_part == [t["id"] for t in made if any(part.lower() in tag.lower() for tag in t["tags"])]
    assert by_value == [t["id"] for t in made if set(t["tags"]) & set(values)]
    assert by_name == [t["id"] for t in made if t["name"] in values]
    assert none == []


def test_a_page_beyond_all_numbers_is_empty(tmp_path: Path) -> None:
    records = _records(tmp_path, [{"id": "1", "createdAt": "x", "name": "a", "tags": []}])
    assert page(records, Listing(KIND), limit=1 << 70, offset=1 << 70) == ([], 1)
    assert page(records, Listing(KIND), limit=1 << 70, offset=0)[1] == 1
    records.close()


@pytest.mark.parametrize("order", ["name", "id"])
def test_a_page_is_chosen_from_an_index_alone(tmp_path: Path, order: str) -> None:
    records = _records(tmp_path, [])
    chosen: list[str] = []
    read = records.rows

    def explained(sql: str, values: Any) -> list[tuple[Any, ...]]:
        chosen.extend(row[3] for row in read(f"EXPLAIN QUERY PLAN {sql}", values))
        return read(sql, values) or [(1,)]

    records.rows = explained  # type: ignore[method-assign]
    records.put(KIND, {"id": "1", "createdAt": "x", "name": "a"})
    page(records, Listing(KIND, order=order), limit=1, offset=0)
    records.close()
    assert f"SEARCH records USING COVERING INDEX records_by_{order} (kind=? AND deleted=?)" in chosen
    assert not [step for step in chosen if step.startswith("SCAN records")]


def test_a_table_that_was_made_without_names_gets_them(tmp_path: Path) -> None:
    body = msgspec.json.encode({"id": "1", "createdAt": "x", "name": "Ann"}).decode()
    with sqlite3.connect(tmp_path / "records.sqlite") as old:
        old.execute(
            "CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT, deleted INTEGER NOT NULL,"
            " body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )
        old.execute("INSERT INTO records VALUES ('thing', '1', NULL, 0, ?)", (body,))
    old.close()
    records = Records(tmp_path / "records.sqlite")
    assert page(records, Listing(KIND, (contains("name", "ANN"),)), limit=1, offset=0)[1] == 1
    records.close()
