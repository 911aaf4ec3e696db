"""Add-ons: what can be bought beside a plan. A published one never changes: a different one is its next version."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, ListOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields, rate_card, versions
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "add-on"
SECTION = "addons"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {"status": "active"}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack"

_KEPT = ("description", "metadata")

SHAPE: Shape = Fields(
    about="An add-on can be bought beside a plan.",
    required=("key", "name", "instanceType", "currency", "rateCards"),
    fields={
        "key": fields.key("Names the add-on."),
        "name": fields.name(),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "instanceType": Text("Whether one subscription can have several.", choices=("single", "multiple")),
        "currency": fields.CURRENCY,
        "rateCards": ListOf(rate_card.SHAPE, "What it sells, at which price.", fewest=1),
    },
    elsewhere={"plans": "which plans it fits is said under planAddons", "status": "an add-on of a pack is published"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    cards = entry.get("rateCards") or ()
    rate_card.check(cards, tree.at("rateCards"), f"{path}.rateCards", problems)
    for index, card in enumerate(cards):
        if entry.get("instanceType") == "multiple" and (card.get("price") or {}).get("type", "flat") != "flat":
            message = "an add-on that can be bought several times has flat prices only"
            place = tree.at("rateCards", index, "price").place
            problems.add(place, f"{path}.rateCards[{index}].price", message, "instanceType: single")


def references(entry: Entry) -> Iterable[Reference]:
    return list(rate_card.references(entry["rateCards"], "rateCards"))


def note(found: Found) -> str:
    return versions.note(found)


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    return versions.current(client, "listAddons", (entry["key"] for entry in entries))


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "rateCards":
        return rate_card.same(wanted, there)
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        _publish(client, client.call("createAddon", body=_body(entry, {})))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """A draft on the server is finished, so that one begun earlier never stands in the way."""
    for entry, found in changes:
        body, draft = _body(entry, found), found.get("draft")
        if draft and draft["currency"] != entry["currency"]:
            client.call("deleteAddon", path={"addonId": str(draft["id"])})
            draft = None
        if draft:
            path = {"addonId": str(draft["id"])}
            _publish(client, client.call("updateAddon", path=path, body=body))
        else:
            _publish(client, client.call("createAddon", body=body))


def delete(client: OpenMeter, found: Found) -> None:
    client.call("archiveAddon", path={"addonId": str(found["id"])})


def _publish(client: OpenMeter, draft: Found) -> None:
    client.call("publishAddon", path={"addonId": str(draft["id"])})


def _body(entry: Entry, found: Found) -> dict[str, Any]:
    body = versions.written(entry, found, _KEPT)
    return body | {"rateCards": [rate_card.body(card) for card in body["rateCards"]]}
