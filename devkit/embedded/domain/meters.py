"""The rules of meter definitions: what may be created, and what an update changes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from devkit.embedded.domain import jsonpath, timestamps
from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid
from devkit.embedded.domain.ordering import by

Meter = dict[str, Any]

_GROUP_BY_KEY = re.compile(r"[a-zA-Z_][0-9a-zA-Z_]*")
#: OpenMeter prints a missing error after the colon.
_NO_JSON_PATH = "invalid JSONPath{}: %!w(<nil>)"
#: The most meters that one listing gives.
LIST_LIMIT = 1000

_SORT_FIELDS = {
    "key": "slug",
    "name": "name",
    "aggregation": "aggregation",
    "createdAt": "createdAt",
    "updatedAt": "updatedAt",
}


def create(body: Mapping[str, Any], *, id_: str, now: str, reserved: Sequence[str]) -> Meter:
    """A new meter of the body of createMeter. Raises Invalid with all violations, one a line."""
    event_from = _event_from(body)
    _check_paths(body.get("valueProperty"), body.get("groupBy") or {})
    problems = [*_description_problems(body), *_event_from_problems(body), *_aggregation_problems(body)]
    problems += [f"invalid meter group by: {text}" for text in _group_by_problems(body, body.get("valueProperty"))]
    if problems:
        raise Invalid("\n".join(problems))
    check_event_type(body["eventType"], reserved)
    meter: Meter = {
        "id": id_,
        "slug": body["slug"],
        "name": body.get("name", body["slug"]),
        "eventType": body["eventType"],
        "aggregation": body["aggregation"],
        "metadata": body.get("metadata"),
        "annotations": None,
        "createdAt": now,
        "updatedAt": now,
    }
    optional = {name: body.get(name) for name in ("description", "valueProperty")}
    optional |= {"groupBy": body.get("groupBy") or None, "eventFrom": event_from}
    return meter | {name: value for name, value in optional.items() if value is not None}


def as_created(meter: Meter, body: Mapping[str, Any]) -> Meter:
    """What createMeter answers: `eventFrom` as it was sent."""
    if "eventFrom" not in meter:
        return meter
    return {**meter, "eventFrom": timestamps.parse(body["eventFrom"]).text}


def update(meter: Meter, body: Mapping[str, Any], *, now: str) -> Meter:
    """The meter that updateMeter leaves: name, group-bys and metadata replaced, the description only where given.

    Raises Invalid with all violations, one a line.
    """
    group_by = body.get("groupBy") or {}
    _check_paths(None, group_by)
    problems = [*_description_problems(body), *_group_by_problems(body, meter.get("valueProperty"))]
    if problems:
        raise Invalid("\n".join(problems))
    changed = {**meter, "name": body.get("name", meter["slug"]), "metadata": body.get("metadata"), "updatedAt": now}
    changed.pop("groupBy", None)
    if group_by:
        changed["groupBy"] = group_by
    if "description" in body:
        changed["description"] = body["description"]
    return changed


def check_dropped_group_bys(before: Meter, after: Meter, features: Iterable[Mapping[str, Any]]) -> None:
    """Raises Conflict where an active feature filters on a group-by that the update drops."""
    dropped = sorted(set(before.get("groupBy", {})) - set(after.get("groupBy", {})))
    for feature in features:
        for key in dropped:
            if key in feature.get("advancedMeterGroupByFilters", {}):
                raise Conflict(
                    f"meter group by: {key} cannot be dropped because it is used by feature: {feature['key']}"
                )


def check_deletable(features: Sequence[Mapping[str, Any]], entitlements: Sequence[Mapping[str, Any]]) -> None:
    """Raises Conflict where active features or entitlements need the meter."""
    if features:
        raise Conflict("meter has active features and cannot be deleted")
    if entitlements:
        raise Conflict("meter has active entitlements and cannot be deleted")


def check_event_type(event_type: str, reserved: Sequence[str]) -> None:
    """Raises Invalid where the configuration reserves the event type."""
    for pattern in reserved:
        if re.search(pattern, event_type):
            raise Invalid(f"invalid event type: event type '{event_type}' matched reserved pattern '{pattern}'")


def listed(meters: Iterable[Meter], *, order_by: str, descending: bool) -> list[Meter]:
    """A listing in the order asked for, cut off where OpenMeter cuts it."""
    return sorted(meters, key=by(_SORT_FIELDS[order_by]), reverse=descending)[:LIST_LIMIT]


def _event_from(body: Mapping[str, Any]) -> str | None:
    if "eventFrom" not in body:
        return None
    try:
        moment = timestamps.parse(body["eventFrom"])
    except ValueError as error:  # the schema lets February 30 through; OpenMeter then fails
        raise InternalFailure(str(error)) from None
    return timestamps.format_instant(moment.astimezone(UTC))


def _event_from_problems(body: Mapping[str, Any]) -> list[str]:
    zero = "eventFrom" in body and timestamps.parse(body["eventFrom"]) == timestamps.ZERO
    return ["meter event from must not be zero"] if zero else []


def _check_paths(value_property: str | None, group_by: Mapping[str, str]) -> None:
    if value_property is not None and not jsonpath.is_valid(value_property):
        raise Invalid(_NO_JSON_PATH.format(""))
    for key, path in group_by.items():
        if not jsonpath.is_valid(path):
            raise Invalid(_NO_JSON_PATH.format(f" for {key} group by"))


def _description_problems(body: Mapping[str, Any]) -> list[str]:
    return ["description must not be empty string"] if body.get("description") == "" else []


def _aggregation_problems(body: Mapping[str, Any]) -> list[str]:
    counts, has_value = body["aggregation"] == "COUNT", "valueProperty" in body
    if counts and has_value:
        return ["invalid meter aggregation: meter value property is not allowed when the aggregation is count"]
    if not counts and not has_value:
        return ["invalid meter aggregation: meter value property is required when the aggregation is not count"]
    if not counts and not body["valueProperty"].startswith("$"):  # ClickHouse lets blanks stand before it
        return ["invalid meter aggregation: meter value property must start with $"]
    return []


def _group_by_problems(body: Mapping[str, Any], value_property: str | None) -> list[str]:
    for key, path in sorted((body.get("groupBy") or {}).items()):
        if not path.startswith("$"):
            return [f"meter group by value must start with $ for key {key}"]
        if not key.strip():
            return ["meter group by key cannot be empty"]
        if not _GROUP_BY_KEY.fullmatch(key):
            allowed = "only alphanumeric and underscore characters are allowed"
            return [f"meter group by key {key} is invalid, {allowed}"]
        if value_property is not None and path == value_property:
            return [f"meter group by value {key} cannot be the same as value property"]
    return []
