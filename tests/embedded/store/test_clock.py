"""The one clock: it runs on, only moves forward, and is remembered."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devkit.embedded.domain.events import Event
from devkit.embedded.store.clock import LATEST, ClockError
from devkit.embedded.store.events.listing import newest_events
from devkit.embedded.store.store import Store

START = datetime(2026, 1, 31, tzinfo=UTC)
MOMENT = timedelta(seconds=60)


def _event(id_: str, at: datetime) -> Event:
    return Event(id_, "test", "call", "ann", int(at.timestamp()), "{}")


def test_a_new_folder_starts_where_it_is_told_to_and_otherwise_in_the_present(tmp_path: Path) -> None:
    past, present = Store(tmp_path / "past", START), Store(tmp_path / "present")
    assert START <= past.now() < START + MOMENT
    assert abs(present.now() - datetime.now(UTC)) < MOMENT
    past.close()
    present.close()


def test_what_was_advanced_stays_so_for_the_next_start(tmp_path: Path) -> None:
    target = datetime(2031, 5, 6, tzinfo=UTC)
    first = Store(tmp_path, START)
    first.advance_clock(target)
    assert target <= first.now() < target + MOMENT
    first.close()

    again = Store(tmp_path)
    assert target <= again.now() < target + MOMENT
    again.close()


@pytest.mark.parametrize("to", [START - timedelta(days=1), LATEST + timedelta(days=1)])
def test_it_neither_goes_back_nor_beyond_what_it_can_show(tmp_path: Path, to: datetime) -> None:
    store = Store(tmp_path, START)
    with pytest.raises(ClockError):
        store.advance_clock(to)
    assert START <= store.now() < START + MOMENT
    store.close()


def test_a_start_in_the_past_of_the_data_is_refused_and_leaves_them_usable(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with pytest.raises(ClockError, match="only moves forward"):
        Store(tmp_path, START)
    opened = Store(tmp_path)
    assert abs(opened.now() - datetime.now(UTC)) < MOMENT
    opened.close()


def test_a_start_in_the_future_of_the_data_moves_them_there(tmp_path: Path) -> None:
    Store(tmp_path).close()
    target = datetime(2040, 1, 1, tzinfo=UTC)
    store = Store(tmp_path, target)
    assert target <= store.now() < target + MOMENT
    store.close()


def test_ids_rise_across_a_jump_and_across_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path, START)
    ids = [store.new_id(), store.new_id()]
    store.advance_clock(datetime(2026, 3, 1, tzinfo=UTC))
    ids.append(store.new_id())
    store.close()
    store = Store(tmp_path)
    ids.append(store.new_id())
    store.close()
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_events_acknowledged_before_a_jump_are_stored_before_it(tmp_path: Path) -> None:
    store = Store(tmp_path, START)
    later = START + timedelta(days=40)
    store.events.append([_event("early", START)])
    store.advance_clock(later)
    store.events.append([_event("late", START)])
    with store.events.reading() as cursor:
        found = newest_events(cursor, [], 10)
    store.close()

    assert [event.id for event in found] == ["late", "early"]
    stored = {event.id: event.stored_at for event in found}
    assert stored["early"] < later.timestamp() <= stored["late"]


def test_it_can_be_an_earlier_moment_for_a_while_but_not_a_later_one(tmp_path: Path) -> None:
    store = Store(tmp_path, START)
    earlier = START - timedelta(days=1)
    with store.clock.at(earlier):
        assert store.now() == earlier
        with store.clock.at(earlier - MOMENT):
            assert store.now() == earlier - MOMENT
        assert store.now() == earlier
    assert store.now() >= START
    with store.clock.at(START + timedelta(days=1)):
        assert store.now() < START + MOMENT
    store.close()


def test_other_threads_do_not_notice_an_earlier_moment(tmp_path: Path) -> None:
    store = Store(tmp_path, START)
    seen: list[datetime] = []
    with store.clock.at(START - timedelta(days=1)):
        thread = threading.Thread(target=lambda: seen.append(store.now()))
        thread.start()
        thread.join()
    assert seen[0] >= START
    store.close()
