"""Usage of subjects from memory says what the event store says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.timestamps import format_instant, parse
from devkit.embedded.domain.usage import UsageQuery
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage import SubjectUsage

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return ORIGIN + timedelta(seconds=seconds)


def event(number: int, subject: str, seconds: int, data: str) -> Event:
    return Event(str(number), "shop", "calls", subject, int(at(seconds).timestamp()), data)


def meter(aggregation: str, **others: Any) -> dict[str, Any]:
    path = {} if aggregation == "COUNT" else {"valueProperty": "$.n"}
    return {"id": "m", "eventType": "calls", "aggregation": aggregation, "groupBy": {"model": "$.m"}, **path, **others}


def asked(
    store: Store,
    definition: dict[str, Any],
    filters: dict[str, Any],
    subjects: list[str],
    stored_before: int | None = None,
) -> float:
    """The oracle: one query without windows."""
    query = UsageQuery(
        definition,
        parse(format_instant(at(10))),
        parse(format_instant(at(60))),
        subjects=tuple(subjects),
        filters=filters or None,
        stored_before=stored_before,
    )
    rows = store.usage.query(query)
    return rows[0].value if rows else 0.0


made_up = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(0, 70), st.sampled_from(['"n":1', '"n":2.5', '"n":"7"', '"n":"x"', '"o":1'])
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("aggregation", "most_events"),
    [("SUM", 1000), ("COUNT", 1000), ("UNIQUE_COUNT", 1000), ("LATEST", 1000), ("LATEST", 1)],
)
@settings(max_examples=4, deadline=None)
@given(first=made_up, later=made_up)
def test_it_says_what_the_events_say(
    tmp_path_factory: pytest.TempPathFactory, aggregation: str, most_events: int, first: Any, later: Any
) -> None:
    store = Store(tmp_path_factory.mktemp("data"))
    held = SubjectUsage(store.events, store.usage, most_events=most_events)
    number = 0
    for batch in (first, later):
        events = []
        for subject, seconds, member in batch:
            number += 1
            events.append(event(number, subject, seconds, f'{{{member},"m":"{subject}{number % 2}"}}'))
        store.events.append(events)
        for filters in ({}, {"model": {"$in": ["a1", "b0"]}}):
            for subjects in (["a"], ["a", "b", "a"], ["nobody"]):
                answer = held.between(meter(aggregation), filters, subjects, at(10), at(60))
                assert answer == pytest.approx(asked(store, meter(aggregation), filters, subjects))
    store.close()


@pytest.mark.parametrize("aggregation", ["SUM", "COUNT", "UNIQUE_COUNT", "LATEST"])
def test_what_is_stored_too_late_does_not_count(tmp_path: Path, aggregation: str) -> None:
    store = Store(tmp_path / "data", start=at(1000))
    store.events.append([event(1, "a", 20, '{"n":1}'), event(2, "b", 21, '{"n":2}')])
    store.advance_clock(at(2000))
    store.events.append([event(3, "a", 22, '{"n":4}'), event(4, "c", 23, '{"n":8}')])
    store.advance_clock(at(3000))
    for subjects in (["a"], ["b"], ["c"], ["a", "b", "c"], ["nobody"]):
        for seconds in (900, 1500, 2500):
            bound = int(at(seconds).timestamp())
            answer = store.subject_usage.between(meter(aggregation), {}, subjects, at(10), at(60), stored_before=bound)
            assert answer == asked(store, meter(aggregation), {}, subjects, bound)
    early = int(at(1500).timestamp())
    assert store.subject_usage.between(meter("SUM"), {}, ["a", "b"], at(10), at(60), stored_before=early) == 3
    store.close()


def test_nobody_and_no_time_use_nothing(store: Store) -> None:
    store.events.append([event(1, "a", 20, '{"n":1}')])
    assert store.subject_usage.between(meter("SUM"), {}, [], at(10), at(60)) == 0
    assert store.subject_usage.between(meter("SUM"), {}, ["a"], at(20), at(20)) == 0
    assert store.subject_usage.between(meter("SUM"), {}, ["a"], at(20), at(21)) == 1


def test_what_is_before_the_events_of_a_meter_does_not_count(store: Store) -> None:
    store.events.append([event(1, "a", 20, '{"n":1}'), event(2, "a", 30, '{"n":2}')])
    definition = meter("SUM", eventFrom=format_instant(at(30)))
    assert store.subject_usage.between(definition, {}, ["a"], at(0), at(60)) == 2


def test_a_changed_meter_is_read_anew(store: Store) -> None:
    store.events.append([event(1, "a", 20, '{"n":1,"k":5}')])
    assert store.subject_usage.between(meter("SUM"), {}, ["a"], at(0), at(60)) == 1
    assert store.subject_usage.between(meter("SUM", valueProperty="$.k"), {}, ["a"], at(0), at(60)) == 5


def test_what_is_beyond_doubles_is_a_failure(store: Store) -> None:
    store.events.append([event(1, "a", 20, '{"n":1.7e308}'), event(2, "a", 21, '{"n":1.7e308}')])
    with pytest.raises(InternalFailure):
        store.subject_usage.between(meter("SUM"), {}, ["a"], at(0), at(60))


def test_it_forgets_meters_that_were_not_asked_for_lately(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    store.events.append([event(1, "a", 20, '{"n":1}')])
    for number in range(40):
        definition = meter("SUM", id=f"m{number}", groupBy={f"g{number}": "$.m"})
        assert store.subject_usage.between(definition, {}, ["a"], at(0), at(60)) == 1
    store.close()
