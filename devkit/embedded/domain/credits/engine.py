"""Burning grants with usage, from one instant to another, over the starts of usage periods in between.

The rules: a grant's balance is its amount when it begins and whenever it recurs, and nothing once it has ended. Usage
and the overage carried so far burn the active grants in their order; what is left is overage again. At the start of a
usage period what was used counts from nothing, balances roll over, and overage is forgiven or burns what rolled over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context

from devkit.embedded.domain.credits.grants import Grant, in_burn_order
from devkit.embedded.domain.credits.history import Segment, Snapshot, burnt_since_reset, exact
from devkit.embedded.domain.credits.phases import Phase, phases
from devkit.embedded.domain.errors import Invalid

#: What was used between two instants, the second one excluded.
Usage = Callable[[datetime, datetime], float]
_EXACT = Context(prec=400)
_MOST_SEGMENTS = 20_000


@dataclass(frozen=True)
class Run:
    """The state at the end and how it came about; there is always a segment."""

    snapshot: Snapshot
    segments: tuple[Segment, ...]

    @property
    def total_available(self) -> float:
        """What grants paid in the last usage period, as far as the run saw it, and what is left of them."""
        return float(burnt_since_reset(self.segments) + exact(self.snapshot.balance))


def run(
    grants: Sequence[Grant],
    start: Snapshot,
    until: datetime,
    resets: Iterable[datetime],
    usage: Usage,
    *,
    preserve_overage: bool,
    is_level: bool = False,
) -> Run:
    """Burns from the state on until the instant.

    grants:           in any order; those that `start` has no balance for begin with their amount if they are active
    resets:           starts of usage periods after `start` and up to `until`, ascending; one may stand there twice
    preserve_overage: whether the overage at the end of a usage period is carried into the next one
    is_level:         usage is a level (aggregation LATEST), not an amount: each phase begins with full grants
    Raises Invalid where there are too many periods or recurrences in between.
    """
    ordered = in_burn_order(grants)
    snapshot = replace(start, balances=_complete(ordered, start))
    segments: list[Segment] = []
    times = [start.at, *resets, until]
    for number, end in enumerate(times[1:], start=1):
        is_last = number == len(times) - 1
        cut = phases(ordered, snapshot.at, end, with_end=is_last)
        snapshot, burned = _burn_phases(ordered, snapshot, cut, usage, is_level=is_level)
        segments += burned
        if len(segments) > _MOST_SEGMENTS:
            raise Invalid("there is too much between the two instants to go through")
        if not is_last:
            segments[-1] = replace(segments[-1], is_reset=True)
            snapshot = _reset(ordered, snapshot, preserve_overage=preserve_overage)
    return Run(snapshot, tuple(segments))


def _complete(grants: Iterable[Grant], start: Snapshot) -> dict[str, float]:
    missing = (grant for grant in grants if grant.id not in start.balances)
    return {**start.balances, **{grant.id: grant.amount if grant.is_active(start.at) else 0.0 for grant in missing}}


def _burn_phases(
    grants: Sequence[Grant], snapshot: Snapshot, cut: Iterable[Phase], usage: Usage, *, is_level: bool
) -> tuple[Snapshot, list[Segment]]:
    """Burns phase by phase, without a reset between them."""
    balances, overage = dict(snapshot.balances), snapshot.overage
    segments = []
    end = snapshot.at
    for phase in cut:
        active = [grant for grant in grants if grant.is_active(phase.start)]
        balances = _at_start(grants, balances, phase, is_level=is_level)
        used = usage(phase.start, phase.end)
        burnt, left = _burn(active, balances, used + overage)
        segments.append(Segment(phase.start, phase.end, balances, overage, used, left, burnt))
        balances, overage, end = segments[-1].balances_at_end, left, phase.end
    total = snapshot.usage + sum(segment.usage for segment in segments)
    return Snapshot(end, balances, overage, total, snapshot.since), segments


def _at_start(
    grants: Iterable[Grant], balances: Mapping[str, float], phase: Phase, *, is_level: bool
) -> dict[str, float]:
    return {grant.id: _balance_at_start(grant, balances[grant.id], phase, is_level=is_level) for grant in grants}


def _balance_at_start(grant: Grant, balance: float, phase: Phase, *, is_level: bool) -> float:
    if not grant.is_active(phase.start):
        return 0.0
    begins = grant.effective_at == phase.start or grant.id in phase.recurring
    return grant.amount if begins or is_level else balance


def _burn(
    active: Iterable[Grant], balances: Mapping[str, float], demand: float
) -> tuple[tuple[tuple[str, float], ...], float]:
    """What is burned of each grant that has anything, and the demand that is left."""
    rest = exact(demand)
    burnt = []
    for grant in active:
        balance = balances[grant.id]
        if not balance:
            continue
        paid = exact(balance)
        if paid > rest:
            paid = rest
            burnt.append((grant.id, float(rest)))
        else:
            burnt.append((grant.id, balance))
        rest = _EXACT.subtract(rest, paid)
    return tuple(burnt), float(rest)


def _reset(grants: Sequence[Grant], snapshot: Snapshot, *, preserve_overage: bool) -> Snapshot:
    """The state at the start of a usage period, from that at the end of the one before."""
    rolled = dict(snapshot.balances)
    for grant in grants:
        if grant.is_active(snapshot.at):
            rolled[grant.id] = grant.rolled_over(rolled[grant.id])
    burnt, overage = _burn(grants, rolled, snapshot.overage if preserve_overage else 0.0)
    for grant_id, amount in burnt:
        rolled[grant_id] -= amount
    return Snapshot(snapshot.at, rolled, overage, 0.0, snapshot.at)
