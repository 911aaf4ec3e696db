"""A grant as the engine sees it: an amount, when it can be burned, and what a reset leaves of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from devkit.embedded.domain.recurrences import Recurrence

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Grant:
    """Amounts in units of the meter; instants aware, in UTC.

    priority:                     0 burns first
    deleted_at:                   may have seconds; everything else is on a whole minute
    min_rollover, max_rollover:   what a reset leaves at least and at most
    recurrence:                   when its balance is set to the amount again
    """

    id: str
    amount: float
    priority: int
    effective_at: datetime
    created_at: datetime
    expires_at: datetime | None = None
    voided_at: datetime | None = None
    deleted_at: datetime | None = None
    min_rollover: float = 0.0
    max_rollover: float = 0.0
    recurrence: Recurrence | None = None

    @property
    def ends(self) -> tuple[datetime, ...]:
        """All that may end it."""
        return tuple(end for end in (self.expires_at, self.deleted_at, self.voided_at) if end is not None)

    def is_active(self, moment: datetime) -> bool:
        """Whether it can be burned at this instant: from its start, included, to the first of its ends, excluded."""
        return self.effective_at <= moment and all(moment < end for end in self.ends)

    def rolled_over(self, balance: float) -> float:
        """What a reset makes of its balance."""
        return min(self.max_rollover, max(self.min_rollover, balance))


def in_burn_order(grants: Iterable[Grant]) -> list[Grant]:
    """By priority, then those that expire sooner, then those created earlier."""
    return sorted(grants, key=lambda grant: (grant.priority, grant.expires_at or _NEVER, grant.created_at, grant.id))
