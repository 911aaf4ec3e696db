"""The rules of features: what may be created, and which lists show them."""

from collections.abc import Iterable, Mapping
from typing import Any

from devkit.embedded.domain import ulid, unit_costs
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed, Plain
from devkit.embedded.domain.filters import STRING_OPERATORS, string_problem
from devkit.embedded.domain.ordering import by

Feature = dict[str, Any]
Meter = Mapping[str, Any]

_AGGREGATIONS = ("SUM", "COUNT", "UNIQUE_COUNT", "LATEST")
_SORT_FIELDS = ("key", "name", "createdAt", "updatedAt")


def create(body: Mapping[str, Any], meter: Meter | None, *, id_: str, now: str) -> Feature:
    """A new feature on the meter. Raises Malformed, Invalid, or InternalFailure for a feature without a name."""
    filters = _filters(body)
    if meter is not None:
        _check_meter(meter, filters)
    unit_cost = unit_costs.create(body.get("unitCost"), meter)
    if _is_ulid(body["key"]):
        raise Invalid("Feature key cannot be a valid ULID")
    if not body["name"]:
        raise InternalFailure("OpenMeter fails on a feature with an empty name")
    feature: Feature = {"id": id_, "key": body["key"], "name": body["name"], "createdAt": now, "updatedAt": now}
    legacy = {key: filter_["$eq"] for key, filter_ in filters.items() if "$eq" in filter_}
    optional = {
        "metadata": body.get("metadata"),
        "meterSlug": meter["slug"] if meter is not None else None,
        "meterGroupByFilters": legacy if len(legacy) == len(filters) else None,
        "advancedMeterGroupByFilters": filters,
        "unitCost": unit_cost,
    }
    return feature | {name: value for name, value in optional.items() if value}


def archived(feature: Feature, *, now: str) -> Feature:
    """The feature as its deletion leaves it."""
    return {**feature, "archivedAt": now, "updatedAt": now}


def exists_already(feature: Feature) -> Plain:
    return Plain(409, f"feature {feature['id']} with key {feature['key']} already exists")


def unknown(id_or_key: str) -> Plain:
    return Plain(404, f"feature not found: {id_or_key}")


def listed(features: Iterable[Feature], query: Mapping[str, Any]) -> list[Feature]:
    """The features that a list shows, in its order. Raises Invalid for an order that the schema alone allows."""
    order_by = query.get("orderBy", "key")
    if order_by not in _SORT_FIELDS:
        raise Invalid(f"validation error: invalid feature order by: {order_by}")
    slugs = query.get("meterSlug")
    found = [feature for feature in features if not slugs or feature.get("meterSlug") in slugs]
    return sorted(found, key=by(order_by), reverse=query.get("order") == "DESC")


def _filters(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The filters on group-bys; the advanced ones where there are any."""
    advanced = body.get("advancedMeterGroupByFilters") or {}
    if advanced:
        return {key: _known_operators(filter_) for key, filter_ in advanced.items()}
    return {key: {"$eq": value} for key, value in (body.get("meterGroupByFilters") or {}).items()}


def _known_operators(filter_: Any) -> dict[str, Any]:
    """What is left of a filter: operators that it has, down to those inside `$and` and `$or`."""
    known = {name: value for name, value in (filter_ or {}).items() if name in STRING_OPERATORS and value is not None}
    for name in ("$and", "$or"):
        if name in known:
            known[name] = [_known_operators(part) for part in known[name]]
    return known


def _check_meter(meter: Meter, filters: Mapping[str, Mapping[str, Any]]) -> None:
    if meter["aggregation"] not in _AGGREGATIONS:
        raise Malformed(
            f"meter {meter['slug']}'s aggregation is {meter['aggregation']}"
            f" but features can only be created for {', '.join(_AGGREGATIONS)}"
        )
    columns = sorted(meter.get("groupBy", {}))
    for key, filter_ in sorted(filters.items()):
        if key not in columns:
            requested, available = " ".join(sorted(filters)), " ".join(columns)
            raise Malformed(f"invalid filters for feature: map[{requested}], available columns: [{available}]")
        problem = string_problem(filter_)
        if problem is not None:
            raise Invalid(problem)


def _is_ulid(key: str) -> bool:
    return ulid.PATTERN.fullmatch(key.upper()) is not None
