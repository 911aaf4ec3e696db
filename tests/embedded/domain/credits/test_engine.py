"""The engine on examples with known answers."""

from datetime import UTC, datetime, timedelta

import pytest

from devkit.embedded.domain.credits import Grant, Run, Snapshot, run
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.recurrences import Recurrence
from tests.embedded.domain.credits.scenes import Scene, at, every, grant

YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2025, month, number, hour, tzinfo=UTC)


A = Grant("A", 100, 1, YEAR, YEAR, min_rollover=100, max_rollover=100)
B = Grant("B", 50, 1, day(1, 5), YEAR, expires_at=day(1, 15), max_rollover=50)
C = Grant("C", 200, 5, YEAR, YEAR, max_rollover=80)
D = Grant("D", 40, 2, day(2, 10), YEAR)
USED = ((day(1, 3, 12), 30), (day(1, 7, 12), 60), (day(1, 20, 12), 100), (day(2, 5, 12), 230), (day(3, 2, 12), 10))


def used(start: datetime, end: datetime) -> float:
    return float(sum(amount for moment, amount in USED if start <= moment < end))


def months_until(until: datetime, *, preserve_overage: bool) -> Run:
    months = Recurrence(parse("P1M"), YEAR)
    resets = [months.nth(number) for number in range(1, 12) if months.nth(number) <= until]
    return run([D, C, B, A], Snapshot(YEAR, {}), until, resets, used, preserve_overage=preserve_overage)


@pytest.mark.parametrize(
    ("until", "preserve", "balances", "usage_overage_total"),
    [
        (day(1, 4), False, {"A": 70, "C": 200}, (30, 0, 300)),
        (day(1, 8), False, {"A": 60, "B": 0, "C": 200}, (90, 0, 350)),
        (day(1, 21), False, {"A": 0, "C": 160}, (190, 0, 350)),
        (day(2, 1), False, {"A": 100, "C": 80}, (0, 0, 180)),
        (day(2, 6), False, {"A": 0, "C": 0}, (230, 50, 180)),
        (day(2, 11), False, {"A": 0, "C": 0, "D": 0}, (230, 10, 220)),
        (day(3, 1), False, {"A": 100, "C": 0, "D": 0}, (0, 0, 100)),
        (day(3, 3), False, {"A": 90, "C": 0, "D": 0}, (10, 0, 100)),
        (day(3, 1), True, {"A": 90, "C": 0, "D": 0}, (0, 0, 90)),
        (day(3, 3), True, {"A": 80, "C": 0, "D": 0}, (10, 0, 90)),
    ],
)
def test_three_months_of_four_grants(
    until: datetime, preserve: bool, balances: dict[str, float], usage_overage_total: tuple[float, float, float]
) -> None:
    done = months_until(until, preserve_overage=preserve)
    state = done.snapshot
    assert {id_: left for id_, left in state.balances.items() if id_ in balances} == balances
    assert sum(state.balances.values()) == sum(balances.values())
    assert (state.usage, state.overage, done.total_available) == usage_overage_total


def test_a_segment_begins_wherever_a_grant_begins_or_ends() -> None:
    first, second, third = months_until(day(1, 21), preserve_overage=False).segments
    assert (first.balances, first.usage) == ({"A": 100, "B": 0, "C": 200, "D": 0}, 30)
    assert (second.start, second.burnt) == (day(1, 5), (("B", 50), ("A", 10), ("C", 0)))
    assert (third.start, third.burnt) == (day(1, 15), (("A", 60), ("C", 40)))
    assert third.balances_at_end == {"A": 0, "B": 0, "C": 160, "D": 0}


def test_a_recurrence_fills_up_and_pays_what_is_owed_at_once() -> None:
    scene = Scene((grant(0, 10, recurrence=every("PT7M")),), ((1, 4), (8, 13)))
    assert scene.play(14).snapshot.balances == {"g0": 7}
    assert [segment.overage for segment in scene.play(15).segments] == [0, 3, 0]
    done = scene.play(15)
    assert (done.snapshot.balance, done.snapshot.usage, done.total_available) == (7, 17, 24)


def test_a_voided_grant_keeps_what_it_paid_and_loses_the_rest() -> None:
    done = Scene((grant(0, 100, voided_at=at(10)),), ((5, 60), (12, 5))).play(20)
    assert (done.snapshot.balance, done.snapshot.usage, done.snapshot.overage, done.total_available) == (0, 65, 5, 60)


def test_a_grant_that_ends_as_soon_as_it_begins_never_counts() -> None:
    done = Scene((grant(0, 100, 5, voided_at=at(5)),), ((7, 1),)).play(9)
    assert (done.snapshot.balance, done.snapshot.overage) == (0, 1)
    assert [segment.start for segment in done.segments] == [at(0), at(5)]


def test_a_grant_deleted_within_a_minute_ends_the_segment_at_the_start_of_it() -> None:
    deleted_at = at(5) + timedelta(seconds=30)
    done = Scene((grant(0, 100, deleted_at=deleted_at),), ((1, 8),)).play(6)
    assert [(segment.start, segment.end) for segment in done.segments] == [(at(0), at(5)), (at(5), at(6))]
    assert done.snapshot.balance == 92  # whoever shows it leaves out the grants that are not active at the end


def test_priority_comes_before_expiry_before_creation() -> None:
    early, late = at(30), at(31)
    grants = (
        grant(0, 1),
        grant(1, 1, expires_at=late),
        grant(3, 1, expires_at=early),
        grant(2, 1, expires_at=early),
        Grant("first", 1, 0, at(0), at(9)),
    )
    done = Scene(grants, ((0, 9),)).play(1)
    assert [id_ for id_, _ in done.segments[0].burnt] == ["first", "g2", "g3", "g1", "g0"]


def test_at_the_instant_of_its_start_a_grant_has_nothing_yet_but_at_the_start_of_a_period_all() -> None:
    late = grant(0, 9, 5)
    assert Scene((late,), ()).play(5).snapshot.balances == {"g0": 0}
    assert Scene((late,), (), resets=(5,)).play(5).snapshot.balances == {"g0": 9}


def test_overage_carried_over_a_reset_burns_what_rolled_over() -> None:
    scene = Scene((grant(0, 100, min_rollover=50, max_rollover=50),), ((1, 120),), resets=(5,), preserve_overage=True)
    done = scene.play(6)
    assert (done.snapshot.balance, done.snapshot.usage, done.snapshot.overage) == (30, 0, 0)
    assert done.segments[0].is_reset


def test_a_level_counts_from_the_full_amount_in_each_phase() -> None:
    levels = {at(0): 850.0, at(5): 0.0}
    grants = [grant(0, 1000), grant(1, 10, 5)]
    done = run(
        grants, Snapshot(at(0), {}), at(9), [], lambda start, _: levels[start], preserve_overage=False, is_level=True
    )
    assert [segment.balances_at_end for segment in done.segments] == [{"g0": 150, "g1": 0}, {"g0": 1000, "g1": 10}]
    assert done.snapshot.usage == 850


def test_decimals_are_burnt_as_they_are_written() -> None:
    grants = (grant(0, 0.15), grant(1, 0.1), grant(2, 0.001), grant(3, 2500000000.5))
    done = run(grants, Snapshot(at(0), {}), at(1), [], lambda *_: 0.35000000000000003, preserve_overage=False)
    assert done.segments[0].burnt == (("g0", 0.15), ("g1", 0.1), ("g2", 0.001), ("g3", 0.09900000000000003))
    assert done.snapshot.balances["g3"] == 2500000000.401


def test_usage_below_zero_gives_back() -> None:
    done = run([grant(0, 5)], Snapshot(at(0), {}), at(1), [], lambda *_: -3.0, preserve_overage=False)
    assert done.snapshot.balances == {"g0": 8}
