"""The document store: transactions, and readers beside them."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devkit.embedded.store.records import Document, Records

MONTH = "2026-01-01T00:00:00Z"


def thing(id_: str, **more: str) -> Document:
    return {"id": id_, "createdAt": MONTH, **more}


def fail_after_putting(records: Records) -> None:
    with records.transaction():
        with records.transaction():
            records.put("thing", thing("a"))
        raise ZeroDivisionError


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.sqlite")
    yield opened
    opened.close()


def test_a_failed_transaction_leaves_nothing_of_those_within_it(records: Records) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after_putting(records)
    assert records.get("thing", "a") is None
    records.put("thing", thing("b"))
    assert records.get("thing", "b") == thing("b")


def test_who_writes_sees_it_and_others_see_it_once_it_is_committed(records: Records) -> None:
    with ThreadPoolExecutor(1) as other:
        with records.transaction():
            records.put("thing", thing("a"), key="mine", refs={"color": ["red"]})
            assert records.by_key("thing", "mine") == thing("a")
            # A reader waits for nobody: it would wait for ever here, if it waited for the end of the transaction.
            assert other.submit(records.get, "thing", "a").result(timeout=30) is None
        assert other.submit(records.by_ref, "thing", "color", "red").result(timeout=30) == [thing("a")]


def test_transactions_of_many_threads_come_one_after_the_other(records: Records) -> None:
    records.put("thing", thing("a", n="0"))

    def add_one(_: int) -> None:
        with records.transaction():
            found = records.get("thing", "a")
            assert found is not None
            records.put("thing", found | {"n": str(int(found["n"]) + 1)})

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(add_one, range(200)))
    assert records.all("thing") == [thing("a", n="200")]


def test_deleted_documents_are_told_apart(records: Records) -> None:
    records.put("thing", thing("a", deletedAt=MONTH), key="same", refs={"color": ["red"]})
    records.put("thing", thing("b"), key="same", refs={"color": ["red"]})
    assert records.by_key("thing", "same") == thing("b")
    assert [found["id"] for found in records.by_ref("thing", "color", "red", deleted=True)] == ["a", "b"]
    assert [found["id"] for found in records.all("thing")] == ["b"]


def test_closing_ends_the_readers_of_all_threads(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.sqlite")
    reading = threading.Thread(target=records.all, args=("thing",))
    reading.start()
    reading.join()
    records.close()
    with pytest.raises(sqlite3.ProgrammingError):
        records.all("thing")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.sqlite"]  # the log is written back


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of this kind")
def test_nobody_else_reads_the_file_or_those_beside_it(records: Records, tmp_path: Path) -> None:
    records.put("thing", thing("a"))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("records.sqlite*")} == {0o600}
