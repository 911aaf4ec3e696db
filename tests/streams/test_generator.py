"""Events: the same everywhere, in order, with the ids and times that were planned."""

import hashlib
import json
from collections import Counter
from dataclasses import replace

import pytest

from devkit.streams.generator import Generator
from devkit.streams.planning import Wish, plan_stream
from tests.streams.examples import NOW, events_of, second, stream


def bodies(size: int) -> bytes:
    return b"\n".join(batch.body for batch in Generator(plan_stream(stream(), NOW)).batches(size))


def test_the_same_seed_gives_the_same_bytes_on_every_machine_and_python() -> None:
    """Pinned: if this changes, a user who sends a stream again counts everything twice."""
    assert (
        hashlib.sha256(bodies(1000)).hexdigest() == "b259d905a4c4b7f6a900650a3996b56daff7631af32517add6b5b952a598a91a"
    )


@pytest.mark.parametrize("size", [1, 7, 999, 5000])
def test_the_size_of_batches_does_not_change_the_events(size: int) -> None:
    plan = plan_stream(stream(events=300), NOW)
    batches = list(Generator(plan).batches(size))
    assert [batch.count for batch in batches] == [len(json.loads(batch.body)) for batch in batches]
    assert [event for batch in batches for event in json.loads(batch.body)] == events_of(plan)


def test_events_are_cloudevents_in_the_order_of_their_times_with_ids_of_their_own() -> None:
    plan = plan_stream(stream(), NOW)
    events = events_of(plan)
    assert len(events) == 3000
    assert len({event["id"] for event in events}) == 3000
    assert all(event["id"].startswith(plan.id_prefix) for event in events)
    assert {(e["specversion"], e["type"], e["source"]) for e in events} == {("1.0", "thing", "test")}
    seconds = [second(event) for event in events]
    assert seconds == sorted(seconds)
    assert plan.start <= seconds[0] == plan.begin
    assert seconds[-1] < plan.end


def test_another_seed_gives_other_events_under_other_ids() -> None:
    one, other = (events_of(plan_stream(stream(), NOW, Wish(seed=seed))) for seed in (1, 2))
    assert not {event["id"] for event in one} & {event["id"] for event in other}
    assert [event["data"] for event in one] != [event["data"] for event in other]


def test_any_change_of_the_definition_changes_the_ids() -> None:
    usual = plan_stream(stream(), NOW)
    changed = [
        stream(source="other"),
        stream(zipf=2.0),
        stream(subjects=("ann",)),
        stream(data={"a": {"constant": 1}}),
        stream(events=2999),
        stream(rhythm="flat"),
        stream(over=8 * 86_400),
    ]
    prefixes = {plan_stream(each, NOW).id_prefix for each in changed}
    assert len(prefixes) == len(changed)
    assert usual.id_prefix not in prefixes


def test_tomorrow_the_same_stream_shows_the_same_events_and_one_new_day() -> None:
    today, tomorrow = (plan_stream(stream(), now) for now in (NOW, NOW + 86_400))
    assert today.id_prefix == tomorrow.id_prefix
    before = {event["id"]: event for event in events_of(today)}
    after = {event["id"]: event for event in events_of(tomorrow)}
    shared = before.keys() & after.keys()
    assert all(before[key] == after[key] for key in shared)
    new = [event for key, event in after.items() if key not in shared]
    assert new
    assert all(second(event) >= today.end for event in new)


def test_the_first_subject_is_the_busiest() -> None:
    counts = Counter(event["subject"] for event in events_of(plan_stream(stream(events=20_000, zipf=1.0), NOW)))
    first, second_, third = (counts[subject] for subject in stream().subjects)
    assert first / second_ == pytest.approx(2, rel=0.1)
    assert first / third == pytest.approx(3, rel=0.1)


def test_the_day_has_a_rhythm() -> None:
    events = events_of(plan_stream(stream(events=20_000), NOW))
    hours = Counter(second(event) // 3600 % 24 for event in events)
    days = Counter((second(event) // 86_400 + 3) % 7 for event in events)
    assert hours[10] > 8 * hours[3]
    assert days[2] > 2 * days[6]


def test_counting_without_making_events_gives_the_same_totals() -> None:
    plan = plan_stream(stream(), NOW)
    meters = [{"slug": "m", "eventType": "thing", "aggregation": "SUM", "valueProperty": "$.tokens"}]
    made, counted = Generator(plan, meters), Generator(plan, meters)
    list(made.batches(1000))
    counted.count_only(777)
    (one,), (other,) = made.totals.meters, counted.totals.meters
    assert one.rows(by_subject=True, by_group=False) == other.rows(by_subject=True, by_group=False) != {}


def test_meters_of_other_event_types_are_left_out() -> None:
    meters = [{"slug": "m", "eventType": "other", "aggregation": "COUNT"}]
    assert not Generator(plan_stream(stream(), NOW), meters).totals.meters


def test_values_stay_within_what_the_pack_says() -> None:
    for event in events_of(plan_stream(stream(), NOW)):
        data = event["data"]
        assert data["fixed"] == 7
        assert 0 <= data["price"] <= 2
        assert data["session"].startswith("s-")
        low, high = {"small": (1, 5000), "large": (100, 900)}[data["model"]]
        assert low <= data["tokens"] <= high


def test_pools_of_subjects_are_apart_and_unique_ids_never_come_again() -> None:
    events = events_of(plan_stream(replace(stream(), events=2000), NOW))
    owners: dict[str, set[str]] = {}
    for event in events:
        owners.setdefault(event["data"]["session"], set()).add(event["subject"])
    assert len(owners) == 15
    assert all(len(subjects) == 1 for subjects in owners.values())
    assert len({event["data"]["request"] for event in events}) == 2000
