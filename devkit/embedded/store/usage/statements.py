"""The SQL of a usage query over a source.

Windows are found in two steps: events are grouped by bucket first, and only buckets are led to their windows. Distinct
counts cannot be put together from parts, so there each event is led to its window.
"""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.filters import Condition, Filter, all_of, string_condition
from devkit.embedded.domain.usage import CUSTOMER, SUBJECT, UsageQuery, effective_start, epoch_second
from devkit.embedded.domain.windows import SECONDS_PER_DAY, Buckets
from devkit.embedded.store.usage.sources import column

# The newest value; of several in the same second the one that was stored first.
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


def keys(query: UsageQuery) -> tuple[str, ...]:
    """What rows are grouped by, each once."""
    return tuple(dict.fromkeys(query.group_by))


def days(source: Condition) -> Condition:
    """The days of UTC, since the epoch, on which there are events."""
    return Condition(f"SELECT DISTINCT time // {SECONDS_PER_DAY} FROM ({source.sql})", source.values)


def rows_condition(query: UsageQuery) -> Condition:
    """Which events count, as far as times and subject decide."""
    conditions = []
    if query.stored_before is not None:
        conditions.append(Condition("stored_at < ?", (query.stored_before,)))
    start = effective_start(query)
    if start is not None:
        conditions.append(Condition("time >= ?", (start,)))
    if query.end is not None:
        conditions.append(Condition("time < ?", (epoch_second(query.end),)))
    if query.subjects:
        conditions.append(Condition("list_contains(?::VARCHAR[], subject)", (list(query.subjects),)))
    if query.customers is not None:
        conditions.append(Condition("list_contains(?::VARCHAR[], subject)", (list(query.customers),)))
    return all_of(conditions)


def usage(source: Condition, query: UsageQuery, buckets: Buckets | None) -> Condition:
    """The rows of an answer as (first, last, value, *keys), those without a value left out.

    buckets: where there is a window size
    """
    where = groups_condition(query.filters)
    relation, values = f"({source.sql})", source.values
    if query.customers is not None:
        owners = "(SELECT unnest(?::VARCHAR[]) AS subject, unnest(?::VARCHAR[]) AS customer_id)"
        relation = f"{relation} JOIN {owners} USING (subject)"
        values = (*values, list(query.customers), list(query.customers.values()))
    groups = [_column(key) for key in keys(query)]
    aggregation = query.meter["aggregation"]
    if buckets is None:
        return Condition(_without_windows(relation, where.sql, groups, aggregation), (*values, *where.values))
    table: tuple[Any, ...] = ()
    if buckets.starts is not None:
        table = (list(buckets.starts), list(buckets.starts.values()))
    if aggregation == "UNIQUE_COUNT":
        return Condition(_windowed_whole(relation, where.sql, groups, buckets), (*values, *table, *where.values))
    return Condition(
        _windowed_parts(relation, where.sql, groups, aggregation, buckets), (*values, *where.values, *table)
    )


def _without_windows(relation: str, where: str, groups: list[str], aggregation: str) -> str:
    bounds = "coalesce(min(time), 0) AS first, coalesce(max(time), 0) AS last"
    selected = ", ".join([bounds, f"{_WHOLE[aggregation]} AS value", *_named(groups)])
    by = ", ".join(_names(groups))
    grouped = f"SELECT {selected} FROM {relation} WHERE {where}" + (f" GROUP BY {by}" if by else "")
    return f"SELECT * FROM ({grouped}) WHERE value IS NOT NULL" + (f" ORDER BY {by}" if by else "")


def _windowed_parts(relation: str, where: str, groups: list[str], aggregation: str, buckets: Buckets) -> str:
    parts, whole = _PARTS[aggregation]
    first, join = _window(buckets)
    selected = ", ".join([f"time // {buckets.seconds} AS bucket", parts, *_named(groups)])
    inner = f"SELECT {selected} FROM {relation} WHERE {where} GROUP BY {', '.join(['bucket', *_names(groups)])}"
    return _by_window(f"SELECT {first} AS first, {whole} AS value", _names(groups), f"({inner}){join}", groups)


def _windowed_whole(relation: str, where: str, groups: list[str], buckets: Buckets) -> str:
    first, join = _window(buckets)
    inner = f"(SELECT *, time // {buckets.seconds} AS bucket FROM {relation}){join} WHERE {where}"
    return _by_window(f"SELECT {first} AS first, {_WHOLE['UNIQUE_COUNT']} AS value", _named(groups), inner, groups)


def _by_window(select: str, columns: list[str], relation: str, groups: list[str]) -> str:
    by = ", ".join(["first", *_names(groups)])
    grouped = f"{', '.join([select, *columns])} FROM {relation} GROUP BY {by}"
    columns = ["first", "first AS last", "value", *_names(groups)]
    return f"SELECT {', '.join(columns)} FROM ({grouped}) WHERE value IS NOT NULL ORDER BY {by}"


def _window(buckets: Buckets) -> tuple[str, str]:
    """The start of the window of a bucket, and what has to be joined for it."""
    if buckets.starts is None:
        return f"bucket * {buckets.seconds}", ""
    return "start", " JOIN (SELECT unnest(?::BIGINT[]) AS bucket, unnest(?::BIGINT[]) AS start) USING (bucket)"


def _named(groups: list[str]) -> list[str]:
    return [f"{group} AS {name}" for group, name in zip(groups, _names(groups), strict=True)]


def _names(groups: list[str]) -> list[str]:
    return [f"k{number}" for number in range(len(groups))]


def _column(key: str) -> str:
    return key if key in (SUBJECT, CUSTOMER) else column(key)


def groups_condition(filters: Mapping[str, Filter] | None) -> Condition:
    """Which events count, as far as group-by keys decide."""
    found = [string_condition(_column(key), filter_) for key, filter_ in sorted((filters or {}).items())]
    return all_of([condition for condition in found if condition is not None])
