"""Where a stretch of time has to be cut: at the instants at which a grant begins, ends or comes again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from devkit.embedded.domain.credits.grants import Grant
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.go_time import floor_minute

_MOST_OCCURRENCES = 20_000


@dataclass(frozen=True)
class Phase:
    """recurring: ids of the grants that are set to their amounts at its start"""

    start: datetime
    end: datetime
    recurring: frozenset[str] = frozenset()


def phases(grants: Sequence[Grant], start: datetime, end: datetime, *, with_end: bool) -> list[Phase]:
    """The phases from start to end, at least one. with_end: an occurrence at the very end gets an empty phase."""
    occurrences = _occurrences(grants, start, end, with_end=with_end or start == end)
    cuts = {start, end, *_changes(grants, start, end), *occurrences}
    times = sorted(cut for cut in cuts if start <= cut <= end)
    found = [Phase(begin, until, frozenset(occurrences.get(begin, ()))) for begin, until in pairwise(times)]
    if not found or end in occurrences:
        found.append(Phase(end, end, frozenset(occurrences.get(end, ()))))
    return found


def _changes(grants: Iterable[Grant], start: datetime, end: datetime) -> Iterator[datetime]:
    """When grants begin and end; what ends within a minute ends the phase at the start of that minute."""
    for grant in grants:
        for moment in (grant.effective_at, *grant.ends):
            if start <= moment < end:
                yield floor_minute(moment)


def _occurrences(
    grants: Iterable[Grant], start: datetime, end: datetime, *, with_end: bool
) -> dict[datetime, list[str]]:
    """Ids of the grants that come again, by instant."""
    found: dict[datetime, list[str]] = {}
    for grant in grants:
        if grant.recurrence is None:
            continue
        number = grant.recurrence.number_from(max(grant.effective_at, start))
        at = grant.recurrence.nth(number)
        while (at < end or (with_end and at == end)) and grant.is_active(at):
            found.setdefault(at, []).append(grant.id)
            if len(found) > _MOST_OCCURRENCES:
                raise Invalid("a grant recurs too often to be followed")
            number += 1
            at = grant.recurrence.nth(number)
    return found
