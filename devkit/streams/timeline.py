"""Where the events of a stream lie in time.

A stream is one endless line of numbered events, fixed by its seed and its rate; a range shows the last N of them before
its end. So a range that moves on by a day shows the same events under the same ids as before, and those of the new day:
sending it again never counts anything twice. Time is cut into cells (hours, or less for short ranges); the number of
events in a cell follows the rhythm exactly, their seconds within it are drawn. All of it is whole-number arithmetic.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import accumulate

from devkit.streams.draws import draws
from devkit.streams.rhythm import DAY, weights

HOUR = 3600
_SUFFIXES = {
    HOUR: tuple(f"{second // 60:02d}:{second % 60:02d}Z" for second in range(HOUR)),
    60: tuple(f"{second:02d}Z" for second in range(60)),
    1: ("Z",),
}
_PREFIXES = {HOUR: "%Y-%m-%dT%H:", 60: "%Y-%m-%dT%H:%M:", 1: "%Y-%m-%dT%H:%M:%S"}


@dataclass(frozen=True)
class Moments:
    """Neighbouring events of one cell: when the cell starts (epoch seconds) and their seconds within it, ascending."""

    cell_start: int
    offsets: Sequence[int]


@dataclass(frozen=True)
class Timeline:
    """events per `share` of weight; cell: seconds; pattern: weights of the cells from Unix time 0 on, over and over."""

    seed: str
    events: int
    share: int
    cell: int
    pattern: tuple[int, ...]

    @cached_property
    def _sums(self) -> tuple[int, ...]:
        return tuple(accumulate(self.pattern, initial=0))

    def first_index(self, cell: int) -> int:
        """The index of the first event in a cell (cells count from Unix time 0)."""
        rounds, rest = divmod(cell, len(self.pattern))
        return (rounds * self._sums[-1] + self._sums[rest]) * self.events // self.share

    def offsets(self, cell: int) -> list[int]:
        """The seconds of a cell's events within it, ascending."""
        count = self.first_index(cell + 1) - self.first_index(cell)
        return _offsets(f"{self.seed}/time/{cell}", count, self.cell)

    def index_at(self, instant: int) -> int:
        """The index of the first event at or after an instant (epoch seconds)."""
        cell, offset = divmod(instant, self.cell)
        first = self.first_index(cell)
        return first + bisect_left(self.offsets(cell), offset) if offset else first

    def cell_of(self, index: int) -> int:
        """The cell in which an event lies."""
        low, high = 0, 1
        while self.first_index(high) <= index:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.first_index(middle) <= index else (low, middle)
        return low

    def second_of(self, index: int) -> int:
        """When an event happens, in epoch seconds."""
        cell = self.cell_of(index)
        return cell * self.cell + self.offsets(cell)[index - self.first_index(cell)]

    def moments(self, first: int, last: int) -> Iterator[Moments]:
        """Cell by cell, the events `first` to before `last`."""
        cell = self.cell_of(first)
        while first < last:
            start = self.first_index(cell)
            offsets = self.offsets(cell)[first - start : last - start]
            if offsets:
                yield Moments(cell * self.cell, offsets)
            first += len(offsets)
            cell += 1

    def texts(self, moments: Moments) -> tuple[str, Iterator[str]]:
        """The times of these events as RFC 3339: what is common to them, and the rest of each."""
        prefix = datetime.fromtimestamp(moments.cell_start, UTC).strftime(_PREFIXES[self.cell])
        return prefix, map(_SUFFIXES[self.cell].__getitem__, moments.offsets)


def timeline(seed: str, events: int, start: int, end: int, rhythm: str) -> Timeline:
    """The line whose range [start, end) (epoch seconds) holds `events` events, wherever that range lies in the week."""
    span = end - start
    cell = HOUR if span >= DAY else 60 if span >= HOUR else 1
    whole = start % cell == 0 and end % cell == 0
    cells = span // cell if whole else span // cell - 1
    pattern = weights(rhythm, span)
    return Timeline(seed, events, _least_weight(pattern, cells), cell, pattern)


@lru_cache(maxsize=8)
def _offsets(seed: str, count: int, length: int) -> list[int]:
    return sorted(draw * length >> 32 for draw in draws(seed, count, "I"))


def _least_weight(pattern: Sequence[int], cells: int) -> int:
    """The weight of the lightest run of so many cells."""
    rounds, rest = divmod(cells, len(pattern))
    sums = list(accumulate([*pattern, *pattern], initial=0))
    return rounds * sum(pattern) + min(sums[at + rest] - sums[at] for at in range(len(pattern)))
