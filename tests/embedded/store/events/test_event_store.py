import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.embedded.domain.errors import Unavailable
from devkit.embedded.domain.events import Event
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore, FolderInUseError
from devkit.embedded.store.events.database import encode_columns, lines
from devkit.embedded.store.events.segments import Sync


@contextmanager
def opened(folder: Path, sync: Sync = "background") -> Iterator[EventStore]:
    store = EventStore(folder, Clock(), sync=sync)
    try:
        yield store
    finally:
        store.close()


def event(id_: str, data: str = "{}", source: str = "api") -> Event:
    return Event(id_, source, "request", "alice", 1_700_000_000, data)


def rows(store: EventStore, columns: str = "seq, id, data") -> list[tuple[object, ...]]:
    with store.reading() as cursor:
        return cursor.execute(f"SELECT {columns} FROM events ORDER BY seq").fetchall()


def segment(folder: Path, *lines: bytes) -> Path:
    path = folder / "log" / "000000000001.ndjson"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(lines))
    return path


def logged(seq: int, *events: Event) -> bytes:
    return lines(seq, 1_700_000_001, encode_columns(events))


@pytest.mark.parametrize("sync", ["off", "background", "each"])
def test_what_was_appended_is_read_in_its_order(tmp_path: Path, sync: Sync) -> None:
    with opened(tmp_path, sync) as store:
        store.append([event("b"), event("a")])
        store.append([event("c")])
        assert rows(store) == [(1, "b", "{}"), (2, "a", "{}"), (3, "c", "{}")]


def test_the_first_of_equal_source_and_id_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([event("a", "1"), event("a", "2"), event("a", "3", source="other")])
        store.append([event("a", "4")])
        assert rows(store, "data") == [("1",), ("3",)]
        store.append([event("a", "5"), event("b", "6"), event("b", "7")])
        assert rows(store, "data") == [("1",), ("3",), ("6",)]


def test_source_and_id_do_not_run_into_one_another(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([event("bc", source="a"), event("c", source="ab")])
        assert len(rows(store)) == 2


def test_data_and_names_come_back_byte_for_byte(tmp_path: Path) -> None:
    odd = Event(
        'i\x00"\\', "s", "t\n", "ü😀\u2028", 4294967295, '{"a":1e-7,"b":100000000000000000000,"c":"\\u0000\\n"}'
    )
    with opened(tmp_path) as store:
        store.append([odd])
        assert rows(store, ", ".join(Event._fields)) == [tuple(odd)]


def test_an_event_larger_than_duckdbs_usual_limit_is_stored(tmp_path: Path) -> None:
    large = '"' + "x" * (20 << 20) + '"'
    with opened(tmp_path) as store:
        store.append([event("a", large), event("b")])
        assert rows(store, "id, length(data)") == [("a", len(large)), ("b", 2)]


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([event("a"), event("b")])
    with opened(tmp_path) as store:
        store.append([event("c")])
        assert rows(store, "seq") == [(1,), (2,), (3,)]


def test_left_over_segments_are_stored_at_the_next_start(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([event("a")])
    left = segment_after(tmp_path, logged(1, event("a")), logged(7, event("b"), event("c")))
    with opened(tmp_path) as store:
        assert rows(store, "seq, id, ingested_at > 1700000001") == [(1, "a", True), (7, "b", False), (8, "c", False)]
        assert not left.exists()
        store.append([event("d")])
        assert rows(store, "seq")[-1] == (9,)


def segment_after(folder: Path, *lines: bytes) -> Path:
    path = folder / "log" / "000000000099.ndjson"
    path.write_bytes(b"".join(lines))
    return path


def test_a_line_torn_by_the_end_of_the_process_is_dropped(tmp_path: Path) -> None:
    torn = logged(3, event("c"))
    segment(tmp_path, logged(1, event("a")), logged(2, event("b")), torn[: len(torn) // 2])
    with opened(tmp_path) as store:
        assert rows(store, "id") == [("a",), ("b",)]
    assert not (tmp_path / "quarantine.ndjson").exists()


def test_lines_that_cannot_be_read_are_set_aside_and_the_others_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [b"garbage\n", b'{"s":1}\n', b'{"s":9,"a":1,"i":["x"],"o":[],"t":[],"u":[],"w":[],"d":[]}\n', b"\xff\xfe\n"]
    good = [logged(10 * n, event(f"good-{n}")) for n in range(1, 6)]
    segment(tmp_path, good[0], bad[0], good[1], bad[1], bad[2], good[2], good[3], bad[3], good[4])
    with opened(tmp_path) as store:
        assert rows(store, "id") == [(f"good-{n}",) for n in range(1, 6)]
    assert (tmp_path / "quarantine.ndjson").read_bytes() == b"".join(bad)
    assert "quarantine.ndjson" in caplog.text
    assert list((tmp_path / "log").iterdir()) == []


def test_a_second_process_is_told_who_has_the_folder(tmp_path: Path) -> None:
    code = f"""
        from pathlib import Path
        from devkit.embedded.store.clock import Clock
        from devkit.embedded.store.events import EventStore, FolderInUseError
        try:
            EventStore(Path({str(tmp_path)!r}), Clock())
        except FolderInUseError as error:
            print(error)
    """
    with opened(tmp_path):
        told = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
        with pytest.raises(FolderInUseError):
            EventStore(tmp_path, Clock())
    assert told.stdout == f"the data folder {tmp_path} is in use by process {os.getpid()}\n"
    with opened(tmp_path) as store:
        assert rows(store) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of files")
def test_a_full_disk_refuses_requests_whole_and_the_store_goes_on(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the full disk: both end a write half way."""
    code = f"""
        import resource
        from pathlib import Path
        from devkit.embedded.domain.errors import Unavailable
        from devkit.embedded.domain.events import Event
        from devkit.embedded.store.clock import Clock
        from devkit.embedded.store.events import EventStore
        from devkit.embedded.store.events import event_store
        event_store._FLUSH_PAUSE_SECONDS = 60.0
        store = EventStore(Path({str(tmp_path)!r}), Clock())
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
        kept = []
        for n in range(20):
            batch = [Event(f"{{n}}-{{i}}", "s", "t", "u", 1, '"' + "x" * 300 + '"') for i in range(10)]
            try:
                store.append(batch)
            except Unavailable as refusal:
                detail = refusal.detail
            else:
                kept.append(n)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        store.append([Event("last", "s", "t", "u", 1, "")])
        with store.reading() as cursor:
            ids = {{row[0] for row in cursor.execute("SELECT id FROM events").fetchall()}}
        store.close()
        assert ids == {{f"{{n}}-{{i}}" for n in kept for i in range(10)}} | {{"last"}}, (kept, ids)
        assert 0 < len(kept) < 20
        print(detail)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the events were not kept: ")


def test_a_full_backlog_refuses_at_once_where_the_caller_cannot_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devkit.embedded.store.events.event_store._BACKLOG_BYTES", 0)
    monkeypatch.setattr("devkit.embedded.store.events.event_store._FLUSH_PAUSE_SECONDS", 0.5)
    with opened(tmp_path) as store:
        store.append([event("a")])
        assert not store.quick
        with pytest.raises(Unavailable):
            store.append([event("b")], wait=False)
        store.append([event("c")])  # waits until there is room
        assert rows(store, "id") == [("a",), ("c",)]


def test_memory_is_given_back_only_while_nobody_reads(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.append([event("a")])
        with store.reading() as cursor:
            assert not store._database.shrink()
            assert cursor.execute("SELECT count(*) FROM events").fetchall() == [(1,)]
        assert store._database.shrink()
        assert rows(store, "id") == [("a",)]


def test_results_are_in_utc_wherever_the_server_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with opened(tmp_path) as store, store.reading() as cursor:
        assert cursor.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
