"""Grants, usage and times for tests of the engine, and how hypothesis makes them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from devkit.embedded.domain.credits import Grant, Run, Snapshot, run
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.recurrences import Recurrence

ORIGIN = datetime(2025, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPAN = 40


def at(minutes: int) -> datetime:
    return ORIGIN + minutes * MINUTE


@dataclass(frozen=True)
class Scene:
    """usage: (minute, amount); times in minutes after ORIGIN"""

    grants: tuple[Grant, ...]
    usage: tuple[tuple[int, int], ...]
    resets: tuple[int, ...] = ()
    preserve_overage: bool = False

    def usage_between(self, start: datetime, end: datetime) -> float:
        return float(sum(amount for minute, amount in self.usage if start <= at(minute) < end))

    def play(self, until: int, start: Snapshot | None = None, *, grants: Sequence[Grant] | None = None) -> Run:
        begin = start or Snapshot(ORIGIN, {})
        return run(
            self.grants if grants is None else grants,
            begin,
            at(until),
            [at(reset) for reset in self.resets if begin.at < at(reset) <= at(until)],
            self.usage_between,
            preserve_overage=self.preserve_overage,
        )


def grant(number: int, amount: float, effective: int = 0, **others: object) -> Grant:
    """A grant that was made in the order of its number."""
    created = ORIGIN + timedelta(seconds=number)
    return Grant(f"g{number}", amount, 1, at(effective), created, **others)  # type: ignore[arg-type]


def every(interval: str, anchor: int = 0) -> Recurrence:
    return Recurrence(parse(interval), at(anchor))


minutes = st.integers(0, SPAN)


@st.composite
def grants(draw: st.DrawFn, number: int, *, recurring: bool) -> Grant:
    effective = draw(st.integers(0, SPAN - 5))
    ends = st.none() | st.integers(effective, SPAN + 5).map(at)
    repeats = st.none() | st.builds(every, st.sampled_from(["PT3M", "PT7M"]), st.integers(0, 9))
    most = draw(st.integers(0, 30))
    return Grant(
        id=f"g{number}",
        amount=float(draw(st.integers(1, 30))),
        priority=draw(st.integers(0, 2)),
        effective_at=at(effective),
        created_at=ORIGIN + timedelta(seconds=draw(st.integers(0, 2))),
        expires_at=draw(ends),
        voided_at=draw(ends),
        min_rollover=float(draw(st.integers(0, most))),
        max_rollover=float(most),
        recurrence=draw(repeats) if recurring else None,
    )


@st.composite
def scenes(draw: st.DrawFn, *, with_resets: bool = True, recurring: bool = True) -> Scene:
    count = draw(st.integers(0, 4))
    made = [draw(grants(number, recurring=recurring)) for number in range(count)]
    used = draw(st.lists(st.tuples(st.integers(0, SPAN - 1), st.integers(0, 25)), max_size=6))
    resets = draw(st.lists(st.integers(1, SPAN), unique=True, max_size=3)) if with_resets else []
    return Scene(tuple(made), tuple(used), tuple(sorted(resets)), draw(st.booleans()))
