"""Meters: what is counted of which events. Aggregation, event type and value property can never change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, MapOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Entry, Found, Reference

NAME = "meter"
SECTION = "meters"
KEY: tuple[str, ...] = ("slug",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ("aggregation", "eventType", "valueProperty", "eventFrom")
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
WAY_OUT = "give it another slug in the pack"
RECREATE = "a new meter sees all stored events, so usage is kept; not while features count with it"

AGGREGATIONS = ("SUM", "COUNT", "UNIQUE_COUNT", "AVG", "MIN", "MAX", "LATEST")
_CHANGEABLE = ("name", "description", "metadata", "groupBy")
_UNQUERYABLE = ("value", "windowstart", "windowend", "subject", "customer_id")  # clash with names of the query itself
_PATH_STEP = r"""(?:\.\s*(?:[A-Za-z0-9_]+|"[^"]+")|\[\s*(?:"[^"]+"|'[^']+'|[A-Za-z0-9_]+|\d+\s+to\s+\d+|\*)\s*\])"""
_PATH = rf"\$(?:\s*{_PATH_STEP})*\s*"


def instant(text: str) -> str | None:
    """What is wrong with an RFC 3339 time, if anything."""
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None and "T" in text
    except ValueError:
        zoned = False
    return None if zoned else f"{text!r} is no time such as 2026-01-31T00:00:00Z"


def _json_path(about: str) -> Text:
    return Text(about, pattern=_PATH, pattern_says="a JSON path such as $.tokens")


SHAPE: Shape = Fields(
    about="A meter turns the events of one type into a number per subject and group.",
    required=("slug", "eventType", "aggregation"),
    fields={
        "slug": Text(
            "Names the meter.",
            pattern=r"[a-z0-9]+(?:_[a-z0-9]+)*",
            pattern_says="made of lower-case letters, digits and single _",
            longest=64,
        ),
        "name": Text("For people; OpenMeter takes the slug where it is missing.", longest=256),
        "description": Text("What it counts. OpenMeter can change a description but never clear it.", longest=1024),
        "eventType": Text("The type of the events that count."),
        "aggregation": Text("How the values of the events become one.", choices=AGGREGATIONS),
        "valueProperty": _json_path("Where the value stands in the event's data; not with COUNT."),
        "groupBy": MapOf(
            _json_path("Where the group's value stands in the event's data."),
            "What usage can be split by: a name for each path.",
            key=r"[a-zA-Z_][0-9a-zA-Z_]*",
            key_says="made of letters, digits and _",
        ),
        "eventFrom": Text("Events before this time do not count (RFC 3339).", check=instant),
        "metadata": MapOf(Text("Text.", shortest=0), "Anything else, as text by name."),
    },
    elsewhere={"key": "a meter is named by its slug", "windowSize": "OpenMeter's meters have no window size any more"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    counts = entry.get("aggregation") == "COUNT"
    if counts and "valueProperty" in entry:
        problems.add(tree.keys["valueProperty"], f"{path}.valueProperty", "COUNT takes no value property", "remove it")
    if not counts and entry.get("aggregation") and "valueProperty" not in entry:
        problems.add(
            tree.place, path, f"{entry['aggregation']} needs a valueProperty", "such as valueProperty: $.tokens"
        )
    groups = entry.get("groupBy") or {}
    for name, value in groups.items():
        place = tree.at("groupBy", name).place
        if value is not None and value == entry.get("valueProperty"):
            problems.add(place, f"{path}.groupBy.{name}", "the same path as valueProperty, which OpenMeter refuses")
        if name.lower() in _UNQUERYABLE:
            problems.add(place, f"{path}.groupBy.{name}", f"OpenMeter cannot group by the name {name!r}", "rename it")


def references(entry: Entry) -> Iterable[Reference]:  # noqa: ARG001 - a meter stands on nothing
    return ()


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    found = {entry["slug"]: _get(client, entry["slug"]) for entry in entries}
    return {key: meter for key, meter in found.items() if meter is not None}


def _get(client: OpenMeter, slug: str) -> Found | None:
    try:
        meter: Found = client.call("getMeter", path={"meterIdOrSlug": slug})
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return meter if meter["slug"] == slug and not meter.get("deletedAt") else None


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "eventFrom" and there is not None:
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(there)
    if field in ("metadata", "groupBy"):
        return bool((wanted or {}) == (there or {}))
    return bool(wanted == there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        client.call("createMeter", body=dict(entry))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole meter, so what the pack does not mention is sent back as it was found."""
    for entry, found in changes:
        kept = {field: found[field] for field in _CHANGEABLE if found.get(field) is not None}
        wanted = {field: entry[field] for field in _CHANGEABLE if field in entry}
        client.call("updateMeter", path={"meterIdOrSlug": str(found["id"])}, body={**kept, **wanted})


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteMeter", path={"meterIdOrSlug": str(found["id"])})


def needed_by(client: OpenMeter, found: Found) -> list[str]:
    """The features that count with it: OpenMeter deletes no meter that has one."""
    query = {"meterSlug": [found["slug"]], "page": 1, "pageSize": 1000}
    return [f"feature {feature['key']}" for feature in client.call("listFeatures", query=query)["items"]]
