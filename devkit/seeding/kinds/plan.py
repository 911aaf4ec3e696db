"""Plans: what customers subscribe to. A published one never changes: a different one is its next version.

A plan stays a draft until its add-ons are attached (see `ASSEMBLIES`); `publish` makes it the active version.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Flag, ListOf, Nullable, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields, plan_addon, rate_card, versions
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "plan"
SECTION = "plans"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {"status": "active"}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack"

_CADENCES = ("P1W", "P2W", "P4W", "P1M", "P3M", "P6M", "P12M", "P1Y")
_KEPT = ("description", "metadata", "proRatingConfig", "settlementMode")

_PHASE = Fields(
    about="A phase is a part of a subscription's life with prices of its own.",
    required=("key", "name", "rateCards"),
    fields={
        "key": fields.key("Names the phase."),
        "name": fields.name(),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "duration": Nullable(fields.duration("How long it takes; the last one takes for ever and has none.")),
        "rateCards": ListOf(rate_card.SHAPE, "What it sells, at which price.", fewest=1),
    },
)
SHAPE: Shape = Fields(
    about="A plan is what customers subscribe to.",
    required=("key", "name", "currency", "billingCadence", "phases"),
    fields={
        "key": fields.key("Names the plan."),
        "name": fields.name(),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "currency": fields.CURRENCY,
        "billingCadence": Text("How often it is billed.", choices=_CADENCES),
        "proRatingConfig": Fields(
            {"enabled": Flag("On or off."), "mode": Text("How.", choices=("prorate_prices",))},
            required=("enabled", "mode"),
            about="Whether a part of a period costs a part of the price.",
        ),
        "settlementMode": Text("How usage is settled.", choices=("credit_then_invoice", "credit_only")),
        "phases": ListOf(_PHASE, "One after the other.", fewest=1),
    },
    elsewhere={
        "addons": "the add-ons of plans are said under planAddons",
        "rateCards": "rate cards stand in phases",
        "status": "a plan of a pack is published",
        "version": "OpenMeter counts versions itself",
    },
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    phases = entry.get("phases") or ()
    lines: dict[str, int] = {}
    for index, phase in enumerate(phases):
        where, at = tree.at("phases", index), f"{path}.phases[{index}]"
        key, place = phase.get("key"), where.at("key").place
        if key and key in lines:
            problems.add(place, f"{at}.key", f"a second phase {key!r}; the first is in line {lines[key]}")
        elif key:
            lines[key] = place.line
        _check_duration(phase, where, at, last=index == len(phases) - 1, problems=problems)
        rate_card.check(phase.get("rateCards") or (), where.at("rateCards"), f"{at}.rateCards", problems)


def _check_duration(phase: Mapping[str, Any], tree: Tree, path: str, *, last: bool, problems: Problems) -> None:
    if last and phase.get("duration"):
        problems.add(tree.at("duration").place, f"{path}.duration", "the last phase has no end", "leave it out")
    said = "duration" in tree.keys and tree.at("duration").value is not None
    if not last and phase and not said:
        problems.add(tree.place, path, "duration is missing; only the last phase has none", "such as duration: P1M")


def references(entry: Entry) -> Iterable[Reference]:
    for index, phase in enumerate(entry["phases"]):
        yield from rate_card.references(phase["rateCards"], "phases", index, "rateCards")


def note(found: Found) -> str:
    renewed = versions.note(found)
    return f"{renewed}, while subscriptions stay on theirs" if renewed else ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    return versions.current(client, "listPlans", (entry["key"] for entry in entries))


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "phases":
        return len(wanted) == len(there) and all(map(_same_phase, wanted, there))
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def _same_phase(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    own = {"duration": None, **{name: value for name, value in wanted.items() if name != "rateCards"}}
    return covers(own, there) and rate_card.same(wanted["rateCards"], there["rateCards"])


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    """Drafts: `publish` follows when their add-ons are attached."""
    for entry in entries:
        client.call("createPlan", body=_body(entry, {}))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """A draft on the server is finished, so that one begun earlier never stands in the way."""
    for entry, found in changes:
        body, draft = _body(entry, found), found.get("draft")
        if draft and draft["currency"] != entry["currency"]:
            client.call("deletePlan", path={"planId": str(draft["id"])})
            draft = None
        if draft:
            draft = client.call("updatePlan", path={"planId": str(draft["id"])}, body=body)
        else:
            draft = client.call("createPlan", body=body)
        if found["status"] == "active":
            plan_addon.carry_over(client, found, draft)


def publish(client: OpenMeter, entry: Entry) -> None:
    """Makes the draft of a plan the active version."""
    draft = versions.current(client, "listPlans", [entry["key"]])[entry["key"]]["draft"]
    client.call("publishPlan", path={"planId": str(draft["id"])})


def delete(client: OpenMeter, found: Found) -> None:
    client.call("archivePlan", path={"planId": str(found["id"])})


def _body(entry: Entry, found: Found) -> dict[str, Any]:
    body = versions.written(entry, found, _KEPT)
    return body | {"phases": [_phase_body(phase) for phase in body["phases"]]}


def _phase_body(phase: Mapping[str, Any]) -> dict[str, Any]:
    return {"duration": None, **phase, "rateCards": [rate_card.body(card) for card in phase["rateCards"]]}
