"""The events of one subject in the order of time, held so that any stretch of them is summed up at once."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import fsum

#: So many values are added one by one; of more, running totals are subtracted.
_FEW = 512
_LARGE = 1e12
Row = tuple[int, int, float | str | None]


class UsageSeries:
    """Times are epoch seconds. A row is (time, seq, value); the value of a counted event is None."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._times = array("q")
        self._seqs = array("q")
        self._values: list[float | str | None] = []
        # Running totals in two parts, the second one what the first one lost by rounding.
        self._high = array("d", [0.0])
        self._low = array("d", [0.0])
        self._has_large = False

    def add(self, rows: Sequence[Row]) -> None:
        """Adds rows that come in the order of time and seq; older ones than are there find their places."""
        if self._times and rows[0][0] < self._times[-1]:
            known = zip(self._times, self._seqs, self._values, strict=True)
            rows = sorted([*known, *rows], key=lambda row: row[:2])
            self._clear()
        for time, seq, value in rows:
            self._times.append(time)
            self._seqs.append(seq)
            self._values.append(value)
            if isinstance(value, float):
                self._total(value)

    def count(self, start: int, end: int) -> int:
        first, last = self._between(start, end)
        return last - first

    def sum(self, start: int, end: int) -> float:
        """The sum, rounded once. Infinite where it is beyond doubles."""
        first, last = self._between(start, end)
        if last - first <= _FEW or self._has_large:
            return _sum(value for value in self._values[first:last] if isinstance(value, float))
        total, lost = _two_sum(self._high[last], -self._high[first])
        return total + (lost + (self._low[last] - self._low[first]))

    def values(self, start: int, end: int) -> set[float | str | None]:
        """The values, each once."""
        first, last = self._between(start, end)
        return set(self._values[first:last])

    def latest(self, start: int, end: int) -> Row | None:
        """The newest row; of several in the same second the one that was stored first."""
        first, last = self._between(start, end)
        if first == last:
            return None
        found = max(first, bisect_left(self._times, self._times[last - 1]))
        return self._times[found], self._seqs[found], self._values[found]

    def _between(self, start: int, end: int) -> tuple[int, int]:
        first = bisect_left(self._times, start)
        return first, max(first, bisect_left(self._times, end))

    def _total(self, value: float) -> None:
        total, lost = _two_sum(self._high[-1], value)
        self._high.append(total)
        self._low.append(self._low[-1] + lost)
        self._has_large = self._has_large or abs(value) > _LARGE


def _two_sum(one: float, other: float) -> tuple[float, float]:
    """The rounded sum and what it lost by rounding (Knuth)."""
    total = one + other
    share = total - one
    return total, (one - (total - share)) + (other - share)


def _sum(values: Iterable[float]) -> float:
    try:
        return fsum(values)
    except OverflowError:
        return float("inf")
