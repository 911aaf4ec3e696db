"""The SQL of a usage query over a source.

Windows are found in two steps: events are grouped by bucket first, and only buckets are led to their windows. Distinct
counts cannot be put together from parts, so there each event is led to its window.
"""

from dataclasses import dataclass
from typing import Any

from devkit.embedded.domain.filters import Condition, all_of, string_condition
from devkit.embedded.domain.usage import CUSTOMER, SUBJECT, UsageQuery, effective_start, epoch_second
from devkit.embedded.domain.windows import Buckets
from devkit.embedded.store.usage.sources import Extraction, Source

# The newest value; of several in the same second the one that was stored first, as long as that is not arbitrary.
_NEWEST = "(time::HUGEINT << 48) - seq"
# Per aggregation: partial aggregates of the events of a bucket, and how they make the value.
_PARTS = {
    "SUM": ("sum(value) AS p", "sum(p)"),
    "COUNT": ("count(*) AS p", "sum(p)::DOUBLE"),
    "MIN": ("min(value) AS p", "min(p)"),
    "MAX": ("max(value) AS p", "max(p)"),
    "AVG": ("sum(value) AS p, count(value) AS n", "sum(p) / sum(n)"),
    "LATEST": (
        f"arg_max(value, {_NEWEST}) FILTER (value IS NOT NULL) AS p, max({_NEWEST}) FILTER (value IS NOT NULL) AS n",
        "arg_max(p, n) FILTER (p IS NOT NULL)",
    ),
}
_WHOLE = {
    "SUM": "sum(value)",
    "COUNT": "count(*)::DOUBLE",
    "MIN": "min(value)",
    "MAX": "max(value)",
    "AVG": "avg(value)",
    "LATEST": f"arg_max(value, {_NEWEST}) FILTER (value IS NOT NULL)",
    "UNIQUE_COUNT": "count(DISTINCT value)::DOUBLE",
}


@dataclass(frozen=True)
class Statement:
    """SQL and its values. Its columns are first, last, value and one for each of `groups`."""

    sql: str
    values: tuple[Any, ...]
    groups: tuple[str, ...]


def days(source: Source, query: UsageQuery) -> Statement:
    """The days of UTC, since the epoch, on which there may be events; filters on data are left out."""
    where = _where(query, None)
    sql = f"SELECT DISTINCT time // 86400 FROM ({source.sql}) WHERE {where.sql}"
    return Statement(sql, (*source.values, *where.values), ())


def usage(source: Source, query: UsageQuery, extraction: Extraction, buckets: Buckets | None) -> Statement:
    """The rows of an answer, those without a value left out. buckets: where there is a window size."""
    where = _where(query, extraction)
    relation, values = f"({source.sql})", source.values
    if query.customers is not None:
        owners = "(SELECT unnest(?::VARCHAR[]) AS subject, unnest(?::VARCHAR[]) AS customer_id)"
        relation = f"{relation} JOIN {owners} USING (subject)"
        values = (*values, list(query.customers), list(query.customers.values()))
    keys = tuple(dict.fromkeys(query.group_by))
    groups = [_column(extraction, key) for key in keys]
    aggregation = query.meter["aggregation"]
    if buckets is None:
        sql = _without_windows(relation, where.sql, groups, aggregation)
        return Statement(sql, (*values, *where.values), keys)
    sql, table = _windowed(relation, where.sql, groups, aggregation, buckets)
    both = (*values, *table, *where.values) if aggregation == "UNIQUE_COUNT" else (*values, *where.values, *table)
    return Statement(sql, both, keys)


def _without_windows(relation: str, where: str, groups: list[str], aggregation: str) -> str:
    named = [f"{column} AS k{number}" for number, column in enumerate(groups)]
    first_and_last = "coalesce(min(time), 0) AS first, coalesce(max(time), 0) AS last"
    sql = (
        f"SELECT {', '.join([first_and_last, f'{_WHOLE[aggregation]} AS value', *named])} FROM {relation} WHERE {where}"
    )
    keys = [f"k{number}" for number in range(len(groups))]
    if keys:
        sql += f" GROUP BY {', '.join(keys)}"
    return f"SELECT * FROM ({sql}) WHERE value IS NOT NULL" + (f" ORDER BY {', '.join(keys)}" if keys else "")


def _windowed(
    relation: str, where: str, groups: list[str], aggregation: str, buckets: Buckets
) -> tuple[str, tuple[list[int], ...]]:
    """The SQL, and the values of the table of buckets that stands in it."""
    named = [f"{column} AS k{number}" for number, column in enumerate(groups)]
    keys = [f"k{number}" for number in range(len(groups))]
    bucket = f"time // {buckets.seconds}"
    table: tuple[list[int], ...] = ()
    window, join = f"bucket * {buckets.seconds}", ""
    if buckets.starts is not None:
        table = (list(buckets.starts), list(buckets.starts.values()))
        window = "start"
        join = " JOIN (SELECT unnest(?::BIGINT[]) AS bucket, unnest(?::BIGINT[]) AS start) USING (bucket)"
    if aggregation == "UNIQUE_COUNT":
        inner = f"SELECT *, {bucket} AS bucket FROM {relation}"
        columns = ", ".join([f"{window} AS first", f"{_WHOLE[aggregation]} AS value", *named])
        by = ", ".join(["first", *keys])
        sql = f"SELECT {columns} FROM ({inner}){join} WHERE {where} GROUP BY {by}"
    else:
        parts, whole = _PARTS[aggregation]
        by = ", ".join(["bucket", *keys])
        inner = (
            f"SELECT {', '.join([f'{bucket} AS bucket', parts, *named])} FROM {relation} WHERE {where} GROUP BY {by}"
        )
        columns = ", ".join([f"{window} AS first", f"{whole} AS value", *keys])
        sql = f"SELECT {columns} FROM ({inner}){join} GROUP BY {', '.join(['first', *keys])}"
    selected = ", ".join(["first", "first AS last", "value", *keys])
    return f"SELECT {selected} FROM ({sql}) WHERE value IS NOT NULL ORDER BY {', '.join(['first', *keys])}", table


def _column(extraction: Extraction, key: str) -> str:
    return key if key in (SUBJECT, CUSTOMER) else extraction.column(key)


def _where(query: UsageQuery, extraction: Extraction | None) -> Condition:
    """On time and subject and, where an extraction is given, on group-by keys."""
    conditions = []
    start = effective_start(query)
    if start is not None:
        conditions.append(Condition("time >= ?", (start,)))
    if query.end is not None:
        conditions.append(Condition("time < ?", (epoch_second(query.end),)))
    if query.subjects:
        conditions.append(Condition("list_contains(?::VARCHAR[], subject)", (list(query.subjects),)))
    if query.customers is not None and extraction is None:
        conditions.append(Condition("list_contains(?::VARCHAR[], subject)", (list(query.customers),)))
    if extraction is not None:
        found = [string_condition(_column(extraction, key), f) for key, f in sorted((query.filters or {}).items())]
        conditions += [condition for condition in found if condition is not None]
    return all_of(conditions)
