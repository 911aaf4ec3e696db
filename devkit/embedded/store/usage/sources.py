"""Where a meter's usage is read from: its events, with what the meter looks at extracted from their data.

A source is a relation with the columns seq, time, subject, and as far as they are wanted value and one for each
group-by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import msgspec

from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.domain.jsonpath import parse
from devkit.embedded.store.usage.json_sql import duckdb_path, float_sql, literal, text_sql


@dataclass(frozen=True)
class Extraction:
    """What of a meter's definition decides about the extracted columns. value_path: None where it is not wanted."""

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
        """A name for the table of all columns, that changes with the definition."""
        return "usage_" + blake2b(msgspec.json.encode(self), digest_size=12).hexdigest()

    def only(self, keys: set[str]) -> "Extraction":
        """The same with these group-by keys alone."""
        return replace(self, group_by=tuple((key, path) for key, path in self.group_by if key in keys))

    def columns(self) -> list[str]:
        value = [] if self.value_path is None else ["value"]
        return ["seq", "time", "subject", *value, *(column(key) for key, _ in self.group_by)]


def column(key: str) -> str:
    """The column of a group-by key. Keys are words of ASCII, but DuckDB takes no heed of capitals."""
    return "g_" + key.encode().hex()


def from_events(extraction: Extraction, rows: Condition) -> Condition:
    """Straight from the events: always right, and slow where there are millions. rows: a condition on events."""
    where = all_of([Condition("type = ?", (extraction.event_type,)), rows])
    found, texts = _one_parse(extraction) if extraction.group_by else ("", {})
    relation = f"SELECT seq, time, subject, data{found} FROM events WHERE {where.sql}"
    extracted = [_value(extraction, extraction.value_path, texts)] if extraction.value_path is not None else []
    extracted += [
        f"{text_sql('data', parse(path), texts.get(path))} AS {column(key)}" for key, path in extraction.group_by
    ]
    return Condition(f"SELECT {', '.join(['seq', 'time', 'subject', *extracted])} FROM ({relation})", where.values)


def _one_parse(extraction: Extraction) -> tuple[str, dict[str, str]]:
    """A column with the texts of all plain paths out of one parse of the document, and where in it each path's is.

    As a row of unnest it is a column that the optimizer leaves alone; otherwise it would put the whole extraction into
    each condition on a group-by key, several times over.
    """
    paths = [path for path in (extraction.value_path, *(path for _, path in extraction.group_by)) if path is not None]
    plain = {path: plain for path in paths if (plain := duckdb_path(parse(path))) is not None}
    if not plain:
        return "", {}
    listed = ", ".join(map(literal, plain.values()))
    column_sql = f", unnest([json_extract_string(nullif(data, ''), [{listed}])]) AS _texts"
    return column_sql, {path: f"_texts[{number}]" for number, path in enumerate(plain, 1)}


def from_projection(extraction: Extraction, table: str, seq: int, rows: Condition) -> Condition:
    """From a projection, which holds the events up to this seq, and for the rest from the events."""
    rest = from_events(extraction, all_of([Condition("seq > ?", (seq,)), rows]))
    projected = f"SELECT {', '.join(extraction.columns())} FROM {table} WHERE {rows.sql}"
    return Condition(f"{projected} UNION ALL {rest.sql}", (*rows.values, *rest.values))


def _value(extraction: Extraction, path: str, texts: Mapping[str, str]) -> str:
    if extraction.aggregation == "UNIQUE_COUNT":
        return f"nullif({text_sql('data', parse(path), texts.get(path))}, 'null') AS value"
    return f"{float_sql('data', parse(path), texts.get(path))} AS value"
