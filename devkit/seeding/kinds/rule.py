"""Notification rules: which events go to which channels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Flag, ListOf, Number, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import channel, fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map
from devkit.seeding.kinds.lists import by_name

NAME = "rule"
SECTION = "rules"
KEY: tuple[str, ...] = ("name",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ("type",)
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another name in the pack"

_THRESHOLD, _RESET = "entitlements.balance.threshold", "entitlements.reset"
_INVOICES = ("invoice.created", "invoice.updated")
_THRESHOLD_TYPES = ("usage_percentage", "usage_value", "balance_value", "PERCENT", "NUMBER")
_KEPT = ("type", "name", "disabled", "thresholds", "metadata")

SHAPE: Shape = Fields(
    about="A rule says which events go to which channels.",
    required=("name", "type", "channels"),
    fields={
        "name": fields.name("Names the rule."),
        "type": Text("What the events are about.", choices=(_THRESHOLD, _RESET, *_INVOICES)),
        "channels": ListOf(Text("A channel, by name."), "Where the events go.", fewest=1, most=5),
        "features": ListOf(fields.key("A feature."), "The features that count; all where it is missing.", fewest=1),
        "thresholds": ListOf(
            Fields(
                {
                    "type": Text("What is looked at, and how.", choices=_THRESHOLD_TYPES),
                    "value": Number("Beyond it an event is made.", least=0),
                },
                required=("type", "value"),
                about="A threshold.",
            ),
            "The thresholds of the balance.",
            fewest=1,
            most=10,
        ),
        "disabled": Flag("Whether it makes no events."),
        "metadata": fields.METADATA,
    },
    elsewhere={"channel": "channels: [...]", "feature": "features: [...]"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """Which fields go with which type."""
    type_ = entry.get("type")
    if type_ is None:
        return
    if type_ == _THRESHOLD and "thresholds" not in entry:
        problems.add(tree.place, path, f"a rule of the type {type_} needs thresholds")
    wrong = [("thresholds", type_ != _THRESHOLD), ("features", type_ in _INVOICES)]
    for field in (field for field, is_wrong in wrong if is_wrong and field in entry):
        problems.add(tree.at(field).place, f"{path}.{field}", f"a rule of the type {type_} has no {field}")


def references(entry: Entry) -> Iterable[Reference]:
    wanted = (("channel", "channels"), ("feature", "features"))
    return [
        Reference(kind, key, (field, index)) for kind, field in wanted for index, key in enumerate(entry.get(field, ()))
    ]


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    """As the packs say it: channels by name, features by key. What is not told of a rule's channels is believed."""
    there = by_name(client, "listNotificationRules", includeDisabled="true")
    known = {entry["name"]: entry for entry in entries if entry["name"] in there}
    if not known:
        return {}
    channels = channel.listed(client)
    names = {found["id"]: name for name, found in channels.items()}
    silent = {name for name, found in channels.items() if found["disabled"]}
    keys = _feature_keys(client) if any("features" in there[name] for name in known) else {}
    return {name: _as_said(there[name], entry, names, silent, keys) for name, entry in known.items()}


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in ("channels", "features"):
        return set(wanted) == set(there or ())
    if field == "disabled":
        return bool(wanted) == bool(there)
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    channels = channel.listed(client)
    for entry in entries:
        client.call("createNotificationRule", body={**entry, "channels": _ids(channels, entry)})


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole rule, so what the pack does not mention is sent back as it was found."""
    channels = channel.listed(client)
    for entry, found in changes:
        kept = {field: found[field] for field in (*_KEPT, "features") if found.get(field) is not None}
        body = {**kept, **entry, "channels": _ids(channels, entry)}
        client.call("updateNotificationRule", path={"ruleId": str(found["id"])}, body=body)


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteNotificationRule", path={"ruleId": str(found["id"])})


def _as_said(found: Found, entry: Entry, names: Mapping[str, str], silent: set[str], keys: Mapping[str, str]) -> Found:
    """names: of channels, by id; silent: channels that OpenMeter does not show; keys: of features, by id"""
    told = [names.get(each["id"], each["id"]) for each in found["channels"]]
    hidden = [name for name in entry.get("channels", ()) if name in silent]
    said: dict[str, Any] = {**found, "channels": told + hidden}
    if "features" in found:
        said["features"] = [keys.get(each["id"], each["id"]) for each in found["features"]]
    return said


def _ids(channels: Mapping[str, Found], entry: Entry) -> list[str]:
    return [channels[name]["id"] for name in entry["channels"]]


def _feature_keys(client: OpenMeter) -> Mapping[str, str]:
    listed = client.call("listFeatures", query={"page": 1, "pageSize": 1000})["items"]
    return {feature["id"]: feature["key"] for feature in listed}
