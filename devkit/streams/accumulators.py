"""One accumulator per aggregation: adds values under keys, merges states, gives the values that a server may answer."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from devkit.streams.columns import Column
from devkit.streams.semantics import number_of, text_of

Key = tuple[int, ...]
Added = tuple[Sequence[Key], Sequence[int], Sequence[int]]


class Accumulator(Protocol):
    """Keys of which no value counts have no state.

    add: keys, value codes and times (ascending) of neighbouring events
    """

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None: ...

    def states(self) -> Mapping[Key, Any]: ...

    def merge(self, one: Any, other: Any) -> Any: ...

    def values(self, state: Any) -> tuple[float, ...]: ...


class Count:
    """COUNT: every event."""

    def __init__(self, column: Column) -> None:  # noqa: ARG002 - counts without looking at values
        self.counts: Counter[Key] = Counter()

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None:  # noqa: ARG002 - all count
        self.counts.update(keys)

    def states(self) -> Mapping[Key, int]:
        return self.counts

    def merge(self, one: int, other: int) -> int:
        return one + other

    def values(self, state: int) -> tuple[float, ...]:
        return (state,)


class _Numbers:
    """What a value's code counts as; remembered, for a column may be large."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.known: dict[int, float | None] = {}
        self.all_count = True

    def counting(self, keys: Sequence[Key], codes: Sequence[int]) -> tuple[Sequence[Key], Sequence[float]]:
        """The numbers, with their keys, of the values that count as numbers."""
        for code in set(codes).difference(self.known):
            self.known[code] = number = number_of(self.column.value(code))
            self.all_count = self.all_count and number is not None
        numbers: list[Any] = list(map(self.known.__getitem__, codes))
        if self.all_count:
            return keys, numbers
        counted = [position for position, number in enumerate(numbers) if number is not None]
        return [keys[position] for position in counted], [numbers[position] for position in counted]


class Mean:
    """AVG, and SUM: the numbers' sum and how many there are."""

    def __init__(self, column: Column, *, divided: bool) -> None:
        self.numbers = _Numbers(column)
        self.divided = divided
        self.sums: defaultdict[Key, float] = defaultdict(float)
        self.counts: Counter[Key] = Counter()

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None:  # noqa: ARG002 - when is no matter
        keys, numbers = self.numbers.counting(keys, codes)
        sums = self.sums
        for key, number in zip(keys, numbers, strict=True):
            sums[key] += number
        if self.divided:
            self.counts.update(keys)

    def states(self) -> Mapping[Key, tuple[float, int]]:
        return {key: (total, self.counts[key]) for key, total in self.sums.items()}

    def merge(self, one: tuple[float, int], other: tuple[float, int]) -> tuple[float, int]:
        return one[0] + other[0], one[1] + other[1]

    def values(self, state: tuple[float, int]) -> tuple[float, ...]:
        return (state[0] / state[1] if self.divided else state[0],)


class Extreme:
    """MIN or MAX. better: picks one of two."""

    def __init__(self, column: Column, better: Callable[[float, float], float]) -> None:
        self.numbers = _Numbers(column)
        self.better = better
        self.best: dict[Key, float] = {}

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None:  # noqa: ARG002 - when is no matter
        different = list(set(zip(keys, codes, strict=True)))
        found = self.numbers.counting([key for key, _ in different], [code for _, code in different])
        best = self.best
        for key, number in zip(*found, strict=True):
            best[key] = self.better(best.get(key, number), number)

    def states(self) -> Mapping[Key, float]:
        return self.best

    def merge(self, one: float, other: float) -> float:
        return self.better(one, other)

    def values(self, state: float) -> tuple[float, ...]:
        return (state,)


class Unique:
    """UNIQUE_COUNT: different texts; a missing value is one, the text null is none."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.seen: set[tuple[Key, int]] = set()

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None:  # noqa: ARG002 - when is no matter
        self.seen.update(zip(keys, codes, strict=True))

    def states(self) -> Mapping[Key, frozenset[str]]:
        texts: dict[Key, set[str]] = {}
        for key, code in self.seen:
            texts.setdefault(key, set()).add(text_of(self.column.value(code)))
        return {key: frozenset(found - {"null"}) for key, found in texts.items()}

    def merge(self, one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
        return one | other

    def values(self, state: frozenset[str]) -> tuple[float, ...]:
        return (len(state),)


class Latest:
    """LATEST: the number of the last second; any of them where that second has several."""

    def __init__(self, column: Column) -> None:
        self.numbers = _Numbers(column)
        self.last: dict[Key, tuple[int, frozenset[float]]] = {}

    def add(self, keys: Sequence[Key], codes: Sequence[int], seconds: Sequence[int]) -> None:
        timed: Sequence[Key] = [(*key, second) for key, second in zip(keys, seconds, strict=True)]
        timed, numbers = self.numbers.counting(timed, codes)
        final = {key[:-1]: key[-1] for key in timed}
        for key, number in zip(timed, numbers, strict=True):
            if final[key[:-1]] == key[-1]:
                state = (key[-1], frozenset({number}))
                before = self.last.get(key[:-1])
                self.last[key[:-1]] = self.merge(before, state) if before else state

    def states(self) -> Mapping[Key, tuple[int, frozenset[float]]]:
        return self.last

    def merge(
        self, one: tuple[int, frozenset[float]], other: tuple[int, frozenset[float]]
    ) -> tuple[int, frozenset[float]]:
        if one[0] == other[0]:
            return one[0], one[1] | other[1]
        return max(one, other, key=lambda state: state[0])

    def values(self, state: tuple[int, frozenset[float]]) -> tuple[float, ...]:
        return tuple(sorted(state[1]))


ACCUMULATORS: Mapping[str, Callable[[Column], Accumulator]] = {
    "COUNT": Count,
    "SUM": lambda column: Mean(column, divided=False),
    "AVG": lambda column: Mean(column, divided=True),
    "MIN": lambda column: Extreme(column, min),
    "MAX": lambda column: Extreme(column, max),
    "UNIQUE_COUNT": Unique,
    "LATEST": Latest,
}
