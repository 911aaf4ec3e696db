"""Where a meter's usage is read from: its events, with what the meter looks at extracted from their data.

A source is a relation with the columns seq, time, subject, value and one for each group-by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from devkit.embedded.domain.jsonpath import parse
from devkit.embedded.store.usage.json_sql import float_sql, text_sql


@dataclass(frozen=True)
class Source:
    """SQL of a relation, without brackets, and the values of its `?`."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Extraction:
    """What of a meter's definition decides about the extracted columns."""

    meter_id: str
    event_type: str
    aggregation: str
    value_path: str | None
    group_by: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, meter: Mapping[str, Any]) -> "Extraction":
        group_by = tuple(sorted(meter.get("groupBy", {}).items()))
        value_path = meter.get("valueProperty")
        return cls(meter["id"], meter["eventType"], meter["aggregation"], value_path, group_by)

    @property
    def name(self) -> str:
        """A name that changes with the definition."""
        return "usage_" + blake2b(msgspec.json.encode(self), digest_size=12).hexdigest()

    def column(self, key: str) -> str:
        """The column of a group-by key."""
        return f"g{[name for name, _ in self.group_by].index(key)}"

    @property
    def columns(self) -> str:
        """What is selected from the events."""
        groups = [f"{text_sql('data', parse(path))} AS {self.column(key)}" for key, path in self.group_by]
        return ", ".join(["seq", "time", "subject", f"{self._value()} AS value", *groups])

    def _value(self) -> str:
        if self.value_path is None:
            return "NULL::DOUBLE"
        path = parse(self.value_path)
        if self.aggregation == "UNIQUE_COUNT":
            return f"nullif({text_sql('data', path)}, 'null')"
        return float_sql("data", path)


def from_events(extraction: Extraction, *, after: int | None = None, until: int | None = None) -> Source:
    """Straight from the events: always right, and slow where there are millions. Between two seqs where given."""
    sql = f"SELECT {extraction.columns} FROM events WHERE type = ?"
    values: list[Any] = [extraction.event_type]
    for operator, seq in ((">", after), ("<=", until)):
        if seq is not None:
            sql += f" AND seq {operator} ?"
            values.append(seq)
    return Source(sql, tuple(values))


def from_projection(extraction: Extraction, seq: int) -> Source:
    """From the meter's projection, which holds the events up to this seq, and for the rest from the events."""
    rest = from_events(extraction, after=seq)
    return Source(f"SELECT * FROM {extraction.name} UNION ALL {rest.sql}", rest.values)
