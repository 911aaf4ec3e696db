"""What may be asked about a meter's usage, and how the answer looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from devkit.embedded.domain.errors import InternalFailure, Invalid, NotFound
from devkit.embedded.domain.filters import Filter, string_problem
from devkit.embedded.domain.ordering import by
from devkit.embedded.domain.timestamps import Timestamp, parse
from devkit.embedded.domain.windows import bound, time_zone, window_end

Meter = Mapping[str, Any]
Customer = Mapping[str, Any]

SUBJECT, CUSTOMER = "subject", "customer_id"
# ClickHouse's names of what OpenMeter selects; a group-by of the same name makes its query fail.
_TAKEN_NAMES = frozenset(("value", "windowstart", "windowend"))
# What its SQL takes for something else than a name, in any case of letters.
_NO_NAMES = frozenset(("null", "true", "false", "nan", "inf", "infinity", "not"))
_GO_ONLY_ZONE = "Local"  # a zone to Go, none to ClickHouse


@dataclass(frozen=True)
class UsageQuery:
    """A question that was found right.

    group_by:  in the order of the request, `subject` and `customer_id` among them
    subjects:  only these; all where empty
    customers: the customer id of each subject to count, for usage by customer; None where not asked by customer
    filters:   FilterString by group-by key
    stored_before: only events that were stored before this second since the epoch
    """

    meter: Meter
    start: Timestamp | None = None
    end: Timestamp | None = None
    window_size: str | None = None
    zone: tzinfo = UTC
    group_by: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    customers: Mapping[str, str] | None = None
    filters: Mapping[str, Filter] | None = None
    stored_before: int | None = None


@dataclass(frozen=True)
class UsageRow:
    """One number of an answer. first and last: seconds since the epoch, the window's or else of the data."""

    first: int
    last: int
    value: float
    groups: Mapping[str, str]


def usage_query(
    meter: Meter, request: Mapping[str, Any], find_customer: Callable[[str], Customer | None]
) -> UsageQuery:
    """Reads a MeterQueryRequest, with date-times as Timestamp.

    Raises Invalid, NotFound for an unknown customer, InternalFailure where OpenMeter fails on what it should refuse.
    """
    group_by = list(_checked_group_by(meter, request.get("groupBy") or ()))
    if request.get("subject") is not None:
        _add(group_by, SUBJECT)
    customers = [_found(find_customer, id_) for id_ in request.get("filterCustomerId") or ()]
    if customers:
        _add(group_by, CUSTOMER)
    zone_name = request.get("windowTimeZone") or ""
    zone = UTC if zone_name == _GO_ONLY_ZONE else time_zone(zone_name)
    filters = _filters(meter, request)
    query = UsageQuery(
        meter=meter,
        start=request.get("from"),
        end=request.get("to"),
        window_size=request.get("windowSize"),
        zone=zone,
        group_by=tuple(group_by),
        subjects=tuple(request.get("subject") or ()),
        customers=_subjects_of(customers) if customers else None,
        filters=filters,
    )
    _refuse_together(query, customers)
    if (zone_name == _GO_ONLY_ZONE and query.window_size) or any(map(_is_no_column, group_by)):
        raise InternalFailure("not a query that ClickHouse understands")
    if CUSTOMER in filters and CUSTOMER not in group_by:
        raise InternalFailure("customer_id is no column unless usage is grouped by it")
    return query


def result(query: UsageQuery, rows: Sequence[UsageRow]) -> dict[str, Any]:
    """A MeterQueryResult."""
    body: dict[str, Any] = {}
    if query.start:
        body["from"] = query.start.text
    if query.end:
        body["to"] = query.end.text
    if query.window_size:
        body["windowSize"] = query.window_size
    return {**body, "data": [_row(query, row) for row in rows]}


def window_of(query: UsageQuery, row: UsageRow) -> tuple[int | Timestamp, int | Timestamp]:
    """Start and end of a row: given bounds where there is no window size, else seconds since the epoch."""
    if query.window_size:
        return row.first, window_end(query.window_size, query.zone, row.first)
    return query.start or row.first // 60 * 60, query.end or row.last // 60 * 60 + 60


def effective_start(query: UsageQuery) -> int | None:
    """The second from which on events count: the later one of the query's and the meter's."""
    starts = [query.start, query.meter.get("eventFrom")]
    moments = [parse(start) if isinstance(start, str) else start for start in starts if start]
    return epoch_second(max(moments)) if moments else None


def epoch_second(moment: Timestamp) -> int:
    """The whole second that a moment lies in."""
    return int(moment.timestamp() // 1)


def _row(query: UsageQuery, row: UsageRow) -> dict[str, Any]:
    start, end = window_of(query, row)
    zone = query.zone if query.window_size else UTC
    data: dict[str, Any] = {
        "value": row.value,
        "windowStart": start.text if isinstance(start, Timestamp) else bound(zone, start),
        "windowEnd": end.text if isinstance(end, Timestamp) else bound(zone, end),
        "subject": row.groups.get(SUBJECT),
        "groupBy": {key: value for key, value in row.groups.items() if key not in (SUBJECT, CUSTOMER)},
    }
    if CUSTOMER in row.groups:
        data["customerId"] = row.groups[CUSTOMER]
    return data


def _checked_group_by(meter: Meter, keys: Sequence[str]) -> Sequence[str]:
    for key in keys:
        if key not in (SUBJECT, CUSTOMER) and key not in meter.get("groupBy", {}):
            raise Invalid(f"invalid group by: {key}")
    return keys


def _is_no_column(key: str) -> bool:
    return key in _TAKEN_NAMES or key.lower() in _NO_NAMES


def _add(group_by: list[str], key: str) -> None:
    if key not in group_by:
        group_by.append(key)


def _found(find_customer: Callable[[str], Customer | None], id_: str) -> Customer:
    customer = find_customer(id_)
    if customer is None:
        raise NotFound(f"customer with id {id_} not found")
    return customer


def _filters(meter: Meter, request: Mapping[str, Any]) -> dict[str, Filter]:
    advanced: Mapping[str, Filter] = request.get("advancedMeterGroupByFilters") or {}
    plain: Mapping[str, Sequence[str]] = request.get("filterGroupBy") or {}
    if plain and advanced:
        raise Invalid("advanced meter group by filters and filter group by cannot be used together")
    for key in sorted(plain):
        if key not in meter.get("groupBy", {}):
            raise Invalid(f"invalid group by filter: {key}")
    return {**advanced, **{key: {"$in": values} for key, values in plain.items() if values}}


def _subjects_of(customers: Sequence[Customer]) -> dict[str, str]:
    """Customer id by subject; a subject of several belongs to the first by name."""
    owners: dict[str, str] = {}
    for customer in sorted(customers, key=by("name")):
        for subject in _attribution(customer):
            owners.setdefault(subject, customer["id"])
    return owners


def _attribution(customer: Customer) -> list[str]:
    key = [customer["key"]] if customer.get("key") is not None else []
    return [*key, *(customer.get("usageAttribution") or {}).get("subjectKeys", ())]


def _refuse_together(query: UsageQuery, customers: Sequence[Customer]) -> None:
    """Raises Invalid with all that is wrong, a line each; then with the first filter on a key that is none."""
    problems = [*_range_problems(query)]
    if CUSTOMER in query.group_by and not customers:
        problems.append("customer filter is required with customer_id group by")
    if not all(_attribution(customer) for customer in customers):
        problems.append("validation error: usage attribution must have a key or subject keys")
    filters = query.filters or {}
    found = [string_problem(filters[key]) for key in sorted(filters)]
    problems += [f"validation error: {problem}" for problem in found if problem]
    if problems:
        raise Invalid("\n".join(problems))
    for key in sorted(filters):
        if key not in query.meter.get("groupBy", {}):
            raise Invalid(f"meter does not have group by: {key}")


def _range_problems(query: UsageQuery) -> list[str]:
    if query.start is None or query.end is None or query.start < query.end:
        return []
    return ["from and to cannot be equal" if query.start == query.end else "from must be before to"]
