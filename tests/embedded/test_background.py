"""Background work: what falls due with time."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from devkit.embedded.background import BackgroundWork, Job, Worker
from devkit.embedded.store.store import Store

TARGET = datetime(2040, 1, 1, tzinfo=UTC)


def _writer(name: str) -> Callable[[Store, datetime], None]:
    def run(store: Store, now: datetime) -> None:
        store.records.put("note", {"id": name, "createdAt": now.isoformat()})

    return run


def _failing(store: Store, now: datetime) -> None:
    _writer("half done")(store, now)
    raise RuntimeError("no more")


def test_an_advanced_clock_runs_the_jobs_at_the_new_time_in_their_order(store: Store) -> None:
    seen: list[tuple[str, bool]] = []
    jobs = [Job(name, lambda _, now, name=name: seen.append((name, now >= TARGET))) for name in ("one", "two")]  # type: ignore[misc]
    assert BackgroundWork(store, jobs).advance(TARGET) == []
    assert seen == [("one", True), ("two", True)]


def test_a_job_that_fails_leaves_nothing_behind_and_keeps_no_other_from_running(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [Job("bad", _failing), Job("good", _writer("done"))]
    with caplog.at_level(logging.ERROR):
        assert BackgroundWork(store, jobs).run_due() == ["bad"]
    assert [note["id"] for note in store.records.all("note")] == ["done"]
    assert "the background job bad failed" in caplog.text


def test_jobs_also_run_in_real_time_until_the_end(store: Store) -> None:
    ran = threading.Event()
    work = BackgroundWork(store, [Job("tick", lambda _store, _now: ran.set())])
    with work.periodically(0.001):
        assert ran.wait(10)
    ran.clear()
    assert not [thread for thread in threading.enumerate() if thread.name == "background-work"]


def test_without_jobs_there_is_no_thread(store: Store) -> None:
    with BackgroundWork(store, ()).periodically(0.001):
        assert not [thread for thread in threading.enumerate() if thread.name == "background-work"]


def test_a_worker_goes_on_after_a_failure_that_the_log_tells_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[int] = []
    enough = threading.Event()

    def run() -> None:
        runs.append(len(runs))
        if len(runs) >= 4:
            enough.set()
        if len(runs) < 4:
            raise RuntimeError("no")

    with caplog.at_level(logging.ERROR), BackgroundWork(store, (), [Worker("test", run, 0.01)]).periodically():
        assert enough.wait(10)
    assert caplog.text.count("the background work test failed") == 1
