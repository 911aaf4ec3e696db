"""The totals that a server must answer, added up while events are generated, by OpenMeter's rules.

Each meter keeps one state per subject and group; any coarser total comes from merging states.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.streams.accumulators import ACCUMULATORS, Key
from devkit.streams.columns import SUBJECT, Column, Constant
from devkit.streams.semantics import property_of, text_of

Row = tuple[str | None, tuple[str, ...]]  # subject (None: all together) and the values of the groups


class MeterTotals:
    """One meter. `groups` are its group-by names in the order of the keys."""

    def __init__(self, meter: Mapping[str, Any], columns: Mapping[str, Column], subjects: Sequence[str]) -> None:
        self.slug = str(meter["slug"])
        self.aggregation = str(meter["aggregation"])
        self.groups = tuple(meter.get("groupBy") or {})
        self.subjects = subjects
        self.properties = tuple(_known(path, columns) for path in (meter.get("groupBy") or {}).values())
        self.columns = [columns[name] if name else _MISSING for name in self.properties]
        self.value_property = _known(meter.get("valueProperty", ""), columns)
        value = columns[self.value_property] if self.value_property else _MISSING
        self.accumulator = ACCUMULATORS[self.aggregation](value)
        since = meter.get("eventFrom")
        self.since = int(datetime.fromisoformat(since).timestamp() // 1) if since else 0

    def add(self, seconds: Sequence[int], keys: Sequence[Key], codes: Mapping[str, Sequence[int]]) -> None:
        values = codes[self.value_property] if self.value_property else [0] * len(seconds)
        start = bisect_left(seconds, self.since)
        if start < len(seconds):
            self.accumulator.add(keys[start:], values[start:], seconds[start:])

    def rows(self, *, by_subject: bool, by_group: bool) -> dict[Row, tuple[float, ...]]:
        """The values of each row; several where the server may answer any of them (LATEST within one second)."""
        accumulator = self.accumulator
        merged: dict[Row, Any] = {}
        for (subject, *groups), state in accumulator.states().items():
            names = tuple(_text(column, code) for column, code in zip(self.columns, groups, strict=True))
            row = (self.subjects[subject] if by_subject else None, names if by_group else ())
            merged[row] = accumulator.merge(merged[row], state) if row in merged else state
        return {row: accumulator.values(state) for row, state in merged.items()}


class Totals:
    """All meters of a stream's event type. since: events before it (epoch seconds) are left out."""

    def __init__(
        self, meters: Sequence[Mapping[str, Any]], columns: Mapping[str, Column], subjects: Sequence[str], since: int
    ) -> None:
        self.meters = [MeterTotals(meter, columns, subjects) for meter in meters]
        self.since = since

    def add(self, seconds: Sequence[int], codes: Mapping[str, Sequence[int]]) -> None:
        """Adds neighbouring events, in the order of their times."""
        if start := bisect_left(seconds, self.since):
            seconds = seconds[start:]
            codes = {name: numbers[start:] for name, numbers in codes.items()}
        if not seconds:
            return
        keys: dict[tuple[str | None, ...], list[Key]] = {}  # meters that group alike share their keys
        for meter in self.meters:
            if meter.properties not in keys:
                parts = [codes[name] if name else [0] * len(seconds) for name in meter.properties]
                keys[meter.properties] = list(zip(codes[SUBJECT], *parts, strict=True))
            meter.add(seconds, keys[meter.properties], codes)


class _Missing(Constant):
    """A path that leads nowhere: empty text, no number."""

    def __init__(self) -> None:
        super().__init__("")


_MISSING = _Missing()


def _known(path: str, columns: Mapping[str, Column]) -> str | None:
    name = property_of(path)
    return name if name in columns else None


def _text(column: Column, code: int) -> str:
    return text_of(column.value(code))
