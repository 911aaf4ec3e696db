"""Laws that hold of any grants, any usage and any resets."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.credits import Run, Segment, Snapshot, in_burn_order
from devkit.embedded.domain.credits.history import snapshot_before
from tests.embedded.domain.credits.scenes import ORIGIN, SPAN, Scene, at, minutes, scenes


def burnt(segments: tuple[Segment, ...]) -> float:
    return sum(amount for segment in segments for _, amount in segment.burnt)


def state(snapshot: Snapshot) -> tuple[dict[str, float], float, float]:
    """What is left of grants, what is owed, what was used."""
    return {id_: left for id_, left in snapshot.balances.items() if left}, snapshot.overage, snapshot.usage


def granted_and_lost(scene: Scene, segments: tuple[Segment, ...]) -> tuple[float, float]:
    """The amounts that began, and what was left of grants that ended (expired or voided)."""
    granted, lost = 0.0, 0.0
    before: dict[str, float] = {grant.id: 0.0 for grant in scene.grants}
    for segment in segments:
        for grant in scene.grants:
            if grant.effective_at == segment.start and grant.is_active(segment.start):
                granted += grant.amount
            elif not grant.is_active(segment.start):
                lost += before[grant.id]
        before = segment.balances_at_end
    return granted, lost


@given(scenes(with_resets=False, recurring=False))
def test_what_was_granted_is_left_burnt_expired_or_voided(scene: Scene) -> None:
    done = scene.play(SPAN)
    granted, lost = granted_and_lost(scene, done.segments)
    assert granted == done.snapshot.balance + burnt(done.segments) + lost


@given(scenes(with_resets=False))
def test_what_was_used_is_burnt_or_owed(scene: Scene) -> None:
    done = scene.play(SPAN)
    assert sum(segment.usage for segment in done.segments) == burnt(done.segments) + done.snapshot.overage
    assert done.snapshot.usage == scene.usage_between(ORIGIN, at(SPAN))


@given(scenes(), st.randoms())
def test_the_order_in_which_grants_are_given_means_nothing(scene: Scene, shuffling: Any) -> None:
    shuffled = list(scene.grants)
    shuffling.shuffle(shuffled)
    assert scene.play(SPAN) == scene.play(SPAN, grants=shuffled)
    assert in_burn_order(shuffled) == in_burn_order(scene.grants)


@given(scenes(), minutes)
def test_a_run_may_be_broken_off_anywhere_and_gone_on_with(scene: Scene, middle: int) -> None:
    whole = scene.play(SPAN)
    if any(recurs(scene, at(middle))):
        return  # OpenMeter applies what falls on the instant at the end of one run and at the start of the next
    first = scene.play(middle)
    assert state(scene.play(SPAN, first.snapshot).snapshot) == state(whole.snapshot)


@given(scenes())
def test_a_run_from_the_state_at_any_segment_comes_to_the_same(scene: Scene) -> None:
    whole = scene.play(SPAN)
    for number in range(1, len(whole.segments)):
        start = snapshot_before(whole.segments, number, Snapshot(ORIGIN, {}))
        if start.at == whole.segments[number - 1].start:
            continue  # an empty segment before it begins at the same instant
        assert state(scene.play(SPAN, start).snapshot) == state(whole.snapshot)


@given(scenes())
def test_segments_follow_each_other_and_nothing_is_below_zero(scene: Scene) -> None:
    done = scene.play(SPAN)
    assert done.segments[0].start == ORIGIN
    assert done.segments[-1].end == at(SPAN) == done.snapshot.at
    for one, following in zip(done.segments, done.segments[1:], strict=False):
        assert one.end == following.start
    for segment in done.segments:
        assert min([*segment.balances.values(), *segment.balances_at_end.values(), segment.overage]) >= 0
    assert sum(segment.is_reset for segment in done.segments) == len(scene.resets)


@given(scenes(), minutes)
def test_a_grant_of_later_changes_nothing_before(scene: Scene, middle: int) -> None:
    late = replace(scene.grants[0], id="late", effective_at=at(middle + 1)) if scene.grants else None
    if late is not None:
        with_late = scene.play(middle, grants=(*scene.grants, late))
        assert state(with_late.snapshot) == state(scene.play(middle).snapshot)


@given(scenes())
def test_what_is_available_in_a_period_is_what_it_paid_and_what_is_left(scene: Scene) -> None:
    done: Run = scene.play(SPAN)
    period = 1 + max((number for number, segment in enumerate(done.segments) if segment.is_reset), default=-1)
    assert done.total_available == pytest.approx(burnt(done.segments[period:]) + done.snapshot.balance)


def recurs(scene: Scene, moment: datetime) -> list[bool]:
    return [True for grant in scene.grants if grant.recurrence and grant.recurrence.next_from(moment) == moment]
