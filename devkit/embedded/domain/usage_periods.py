"""The usage periods of an entitlement: a recurrence from the start of measurement on, and a new one at each reset."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.recurrences import Recurrence, read

Period = tuple[datetime, datetime]
_MOST_PERIODS = 20_000


@dataclass(frozen=True)
class UsagePeriods:
    """starts: when each recurrence begins to count, ascending; the first one counts for all time before it too."""

    starts: tuple[datetime, ...]
    recurrences: tuple[Recurrence, ...]

    def period_at(self, moment: datetime) -> Period:
        """Start (included) and end (excluded) of the period that contains the moment, or of the first one."""
        number = self._number_at(moment)
        start, end = self.recurrences[number].period_at(max(moment, self.starts[number]))
        if number + 1 < len(self.starts):
            end = min(end, self.starts[number + 1])
        return max(start, self.starts[number]), end

    def resets(self, start: datetime, end: datetime) -> list[datetime]:
        """When a period begins between the two, both included; the very first start is always among them."""
        times = [self.starts[0]]
        at = start
        for number in range(self._number_at(start), len(self.starts)):
            if self.starts[number] > end:
                break
            limit = min(end, self.starts[number + 1]) if number + 1 < len(self.starts) else end
            at = self._walk(at, limit, times)
        return sorted(set(times))

    def _walk(self, at: datetime, limit: datetime, times: list[datetime]) -> datetime:
        """Adds the starts of periods from `at` up to the limit; the last one of them."""
        period = self.period_at(at)
        if period[0] == at:
            times.append(at)
        while period[1] <= limit:
            at = period[1]
            times.append(at)
            if len(times) > _MOST_PERIODS:
                raise Invalid("there are too many usage periods to go through")
            period = self.period_at(at)
        return at

    def _number_at(self, moment: datetime) -> int:
        return max(bisect_right(self.starts, moment) - 1, 0)


def of_entitlement(entitlement: Mapping[str, Any]) -> UsagePeriods:
    """The periods of an entitlement that has a usage period; `resets` of the document are in the order of time."""
    original = read(entitlement["usagePeriod"])
    resets: Sequence[Mapping[str, str]] = entitlement.get("resets", ())
    measured_from = entitlement.get("measureUsageFrom")
    first = instant(measured_from) if measured_from else original.anchor
    return UsagePeriods(
        (first, *(instant(reset["at"]) for reset in resets)),
        (original, *(Recurrence(original.interval, instant(reset["anchor"])) for reset in resets)),
    )
