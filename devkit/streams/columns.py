"""The values that one property takes over a stream, drawn as small integers (codes): all else is a table look-up."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from statistics import NormalDist
from typing import Any, Protocol

from devkit.streams.draws import draws_between, scattered

FINE = 65536  # what a 16-bit draw can be
QUANTILES = 4096  # different values of a continuous distribution
COARSE = 4096  # enough for few values, and small enough for the processor's cache
MANY = 1024  # values that need the finer table
CACHED_POOL = 65536  # ids of a pool that are kept ready
SUBJECT = ""  # the name under which the codes of the subjects stand beside those of the properties
_NORMAL = NormalDist()
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Encoder = Callable[[Sequence[int]], Iterable[str]]


class Column(Protocol):
    """A property's values.

    codes:   one per event, `first` to before `last`; `others` holds the codes of what was drawn before, by name
    encoder: makes JSON texts of codes, each with `label` in front
    value:   the value itself
    """

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> Sequence[int]: ...

    def encoder(self, label: str) -> Encoder: ...

    def value(self, code: int) -> Any: ...


class Table:
    """Few values, each with a share of the draws."""

    def __init__(self, values: Sequence[Any], weights: Sequence[float]) -> None:
        self.values = tuple(values)
        self.weights = tuple(weights)

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:  # noqa: ARG002 - depends on nothing
        picks = self._picks
        draws = draws_between(seed, first, last, "H")
        return [picks[draw >> 4] for draw in draws] if len(picks) == COARSE else [picks[draw] for draw in draws]

    def encoder(self, label: str) -> Encoder:
        texts = [label + encode(value) for value in self.values]
        return lambda codes: map(texts.__getitem__, codes)

    def value(self, code: int) -> Any:
        return self.values[code]

    @cached_property
    def _picks(self) -> Sequence[int]:
        return picks(self.weights, COARSE if len(self.weights) <= MANY else FINE)


class Constant(Table):
    """Always the same value."""

    def __init__(self, value: Any) -> None:
        super().__init__([value], [1])

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:  # noqa: ARG002 - nothing to draw
        return [0] * (last - first)


class Depending(Table):
    """Values whose distribution depends on the value of another property."""

    def __init__(self, on: str, cases: Sequence[Table]) -> None:
        """cases: one table for each code of the other property."""
        super().__init__([value for case in cases for value in case.values], [])
        self.on = on
        self.cases = tuple(cases)

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:
        shift, picks = self._shifted
        draws = draws_between(seed, first, last, "H")
        return [picks[case][draw >> shift] for case, draw in zip(others[self.on], draws, strict=True)]

    @cached_property
    def _shifted(self) -> tuple[int, list[list[int]]]:
        fine = any(len(case.weights) > MANY for case in self.cases)
        starts = accumulate((len(case.values) for case in self.cases), initial=0)
        tables = [picks(case.weights, FINE if fine else COARSE) for case in self.cases]
        return 0 if fine else 4, [
            [start + pick for pick in table] for start, table in zip(starts, tables, strict=False)
        ]


class Identifiers:
    """Ids out of a pool. `subjects` above 1 gives each subject a pool of its own; size 0 gives each event a new id."""

    def __init__(self, prefix: str, size: int, *, subjects: int = 1) -> None:
        self.prefix = prefix
        self.size = size
        self.subjects = subjects

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> Sequence[int]:
        size = self.size
        if not size:
            return range(first, last)
        numbers = [draw * size >> 32 for draw in draws_between(seed, first, last, "I")]
        if self.subjects == 1:
            return numbers
        return [subject * size + number for subject, number in zip(others[SUBJECT], numbers, strict=True)]

    def encoder(self, label: str) -> Encoder:
        opening = label + encode(self.prefix)[:-1]

        def labelled(codes: Sequence[int]) -> list[str]:
            return [f'{opening}{text}"' for text in scattered(codes)]

        if 0 < self.size * self.subjects <= CACHED_POOL:
            texts = labelled(range(self.size * self.subjects))
            return lambda codes: map(texts.__getitem__, codes)
        return labelled

    def value(self, code: int) -> str:
        return self.prefix + scattered([code])[0]


def encode(value: Any) -> str:
    """Compact JSON."""
    return _ENCODE(value)


def picks(weights: Sequence[float], size: int) -> Sequence[int]:
    """Which value each of `size` equal draws means. Every value gets at least one draw."""
    total = math.fsum(weights)
    spare = size - len(weights)
    table: list[int] = []
    for code, sofar in enumerate(accumulate(weights)):
        table += [code] * (code + 1 + round(spare * min(1.0, sofar / total)) - len(table))
    table += [len(weights) - 1] * (size - len(table))
    return bytes(table) if len(weights) <= 256 else table  # bytes need less of the processor's cache


def zipf(count: int, exponent: float) -> list[float]:
    """Weights of ranks: the first gets 2**exponent times what the second gets."""
    return [(rank + 1) ** -exponent for rank in range(count)]


def whole_numbers(least: int, most: int) -> Table:
    """Every whole number between the bounds alike, or 4,096 of them, evenly, where there are more."""
    count = min(most - least + 1, QUANTILES)
    values = [least + (most - least) * step // max(count - 1, 1) for step in range(count)]
    return Table(values, [1] * count)


def numbers(least: float, most: float, decimals: int) -> Table:
    """Numbers between the bounds, all alike likely."""
    return _rounded(((least + (most - least) * (step + 0.5) / QUANTILES) for step in range(QUANTILES)), decimals)


def lognormal(median: float, sigma: float, least: float, most: float, decimals: int) -> Table:
    """A long-tailed distribution, cut at the bounds. sigma: of the logarithm; 0 gives the median alone."""
    raw = (median * math.exp(sigma * _NORMAL.inv_cdf((step + 0.5) / QUANTILES)) for step in range(QUANTILES))
    return _rounded((min(max(value, least), most) for value in raw), decimals)


def _rounded(values: Iterable[float], decimals: int) -> Table:
    """One entry per different value, weighted by how often it comes."""
    counts: dict[float, int] = {}
    for value in values:
        key = round(value, decimals) if decimals else round(value)
        counts[key] = counts.get(key, 0) + 1
    return Table(list(counts), list(counts.values()))
