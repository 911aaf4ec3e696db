"""What a run of the engine leaves behind: segments without any change but burning, and the state at an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import fsum

Balances = Mapping[str, float]


@dataclass(frozen=True)
class Snapshot:
    """The state at an instant.

    usage: what was used since `since`, the start of the usage period; None: nothing was counted yet
    """

    at: datetime
    balances: Balances
    overage: float = 0.0
    usage: float = 0.0
    since: datetime | None = None

    @property
    def balance(self) -> float:
        return fsum(self.balances.values())


@dataclass(frozen=True)
class Segment:
    """A stretch of time in which no grant began, ended or came again.

    usage:     what was used in it
    overage:   what no grant has paid at its end, that of earlier segments included
    burnt:     grant id and what was burned of it, in the order of burning
    is_reset:  whether a usage period ends with it
    """

    start: datetime
    end: datetime
    balances: Balances
    overage_at_start: float
    usage: float
    overage: float
    burnt: tuple[tuple[str, float], ...]
    is_reset: bool = False

    @property
    def balances_at_end(self) -> dict[str, float]:
        left = dict(self.balances)
        for grant_id, burnt in self.burnt:
            left[grant_id] -= burnt
        return left


def snapshot_before(segments: Sequence[Segment], number: int, start: Snapshot) -> Snapshot:
    """The state at the start of a segment. start: the state at the start of the first one."""
    usage, since = start.usage, start.since
    for index, segment in enumerate(segments[:number]):
        usage += segment.usage
        if segment.is_reset:
            usage, since = 0.0, segments[index + 1].start
    segment = segments[number]
    return Snapshot(segment.start, segment.balances, segment.overage_at_start, usage, since)


def burnt_since_reset(segments: Sequence[Segment]) -> Decimal:
    """What was burned of all grants since the last reset."""
    last = max((number + 1 for number, segment in enumerate(segments) if segment.is_reset), default=0)
    return sum((exact(burnt) for segment in segments[last:] for _, burnt in segment.burnt), Decimal(0))


def exact(number: float) -> Decimal:
    """The decimal number that a float stands for: the shortest text that is read as it."""
    return Decimal(repr(number))
