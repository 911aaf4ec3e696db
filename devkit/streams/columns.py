"""The values that one property takes over a stream, drawn as small integers (codes): all else is a table look-up."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from statistics import NormalDist
from typing import Any, Protocol

from devkit.streams.draws import draws_between, scattered

DRAWS = 65536  # what a 16-bit draw can be
SUBJECT = ""  # the name under which the codes of the subjects stand beside those of the properties
QUANTILES = 4096  # different values of a continuous distribution
_NORMAL = NormalDist()


class Column(Protocol):
    """A property's values.

    codes:   one per event, `first` to before `last`; `others` holds the codes of what was drawn before, by name
    encoded: JSON texts of codes
    value:   the value itself
    """

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> Sequence[int]: ...

    def encoded(self, codes: Sequence[int]) -> Iterable[str]: ...

    def value(self, code: int) -> Any: ...


class Table:
    """Few values, each with a share of the draws."""

    def __init__(self, values: Sequence[Any], weights: Sequence[float]) -> None:
        self.values = tuple(values)
        self.texts = tuple(encode(value) for value in values)
        self.picks = picks(weights)

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:  # noqa: ARG002 - depends on nothing
        return [self.picks[draw] for draw in draws_between(seed, first, last, "H")]

    def encoded(self, codes: Sequence[int]) -> Iterable[str]:
        return map(self.texts.__getitem__, codes)

    def value(self, code: int) -> Any:
        return self.values[code]


class Constant(Table):
    """Always the same value."""

    def __init__(self, value: Any) -> None:
        super().__init__([value], [1])

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:  # noqa: ARG002 - nothing to draw
        return [0] * (last - first)


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

    def encoded(self, codes: Sequence[int]) -> Iterable[str]:
        if 0 < self.size * self.subjects <= DRAWS:
            return map(self._texts.__getitem__, codes)
        return self._quoted(codes)

    def value(self, code: int) -> str:
        return self.prefix + scattered([code])[0]

    @cached_property
    def _texts(self) -> list[str]:
        return self._quoted(range(self.size * self.subjects))

    def _quoted(self, codes: Sequence[int]) -> list[str]:
        opening = encode(self.prefix)[:-1]
        return [f'{opening}{text}"' for text in scattered(codes)]


class Depending:
    """Values whose distribution depends on the value of another property."""

    def __init__(self, on: str, cases: Sequence[Table]) -> None:
        """cases: one table for each code of the other property."""
        self.on = on
        offsets = [sum(len(case.values) for case in cases[:position]) for position in range(len(cases))]
        self.values = tuple(value for case in cases for value in case.values)
        self.texts = tuple(text for case in cases for text in case.texts)
        self.picks = [[pick + offset for pick in case.picks] for case, offset in zip(cases, offsets, strict=True)]

    def codes(self, seed: str, first: int, last: int, others: Mapping[str, Sequence[int]]) -> list[int]:
        draws = draws_between(seed, first, last, "H")
        return [self.picks[case][draw] for case, draw in zip(others[self.on], draws, strict=True)]

    def encoded(self, codes: Sequence[int]) -> Iterable[str]:
        return map(self.texts.__getitem__, codes)

    def value(self, code: int) -> Any:
        return self.values[code]


def encode(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def picks(weights: Sequence[float]) -> Sequence[int]:
    """Which value each of the 65,536 draws means. Every value gets at least one draw."""
    total = math.fsum(weights)
    spare = DRAWS - len(weights)
    ends, sofar = [], 0.0
    for position, weight in enumerate(weights, 1):
        sofar += weight
        ends.append(position + round(spare * min(1.0, sofar / total)))
    ends[-1] = DRAWS
    starts = [0, *ends[:-1]]
    table = [code for code, (start, end) in enumerate(zip(starts, ends, strict=True)) for _ in range(end - start)]
    return bytes(table) if len(weights) <= 256 else table  # bytes stay in the processor's cache


def zipf(count: int, exponent: float) -> list[float]:
    """Weights of ranks: the first gets 2**exponent times what the second gets."""
    return [(rank + 1) ** -exponent for rank in range(count)]


def whole_numbers(least: int, most: int) -> Table:
    """Every whole number between the bounds alike, or 4,096 of them where there are more."""
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
