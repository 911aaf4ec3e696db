"""Features: what a plan sells. OpenMeter never changes one; an archived one makes room for another of its key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, MapOf, Problems, Shape, Text, Variants
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "feature"
SECTION = "features"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ("name", "metadata", "meterSlug", "meterGroupByFilters", "unitCost")
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack, or archive it on the server (deleteFeature) and apply again"

SHAPE: Shape = Fields(
    about="A feature is what a plan sells: the usage of a meter, or something that is on or off.",
    required=("key", "name"),
    fields={
        "key": fields.key("Names the feature."),
        "name": fields.name(),
        "metadata": fields.METADATA,
        "meterSlug": fields.key("The meter that counts it; a feature without one cannot be metered."),
        "meterGroupByFilters": MapOf(Text("A value."), "Only usage with these values of the meter's groups counts."),
        "unitCost": Variants(
            "type",
            {
                "manual": Fields(
                    required=("type", "amount"),
                    fields={"type": Text(choices=("manual",)), "amount": fields.amount("What one unit costs.")},
                )
            },
            "What a unit costs whoever sells it.",
        ),
    },
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    if "meterGroupByFilters" in entry and "meterSlug" not in entry:
        problems.add(tree.keys["meterGroupByFilters"], f"{path}.meterGroupByFilters", "needs a meterSlug")


def references(entry: Entry) -> Iterable[Reference]:
    return [Reference("meter", entry["meterSlug"], ("meterSlug",))] if entry.get("meterSlug") else []


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    wanted = {entry["key"] for entry in entries}
    found: dict[str, Found] = {}
    page = 1
    while True:
        answer = client.call("listFeatures", query={"page": page, "pageSize": 1000})
        found |= {feature["key"]: feature for feature in answer["items"] if feature["key"] in wanted}
        if page * 1000 >= answer["totalCount"]:
            return found
        page += 1


def same(field: str, wanted: Any, there: Any) -> bool:
    return same_text_map(wanted, there) if field in ("metadata", "meterGroupByFilters") else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        client.call("createFeature", body=dict(entry))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """Never asked for: every difference of a feature is blocked."""


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteFeature", path={"featureId": str(found["id"])})
