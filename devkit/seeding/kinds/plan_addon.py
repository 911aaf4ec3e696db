"""Plan add-ons: which add-ons can be bought beside a plan. OpenMeter attaches them to drafts of plans only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Number, Problems, Shape
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields, versions
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "plan add-on"
SECTION = "planAddons"
KEY: tuple[str, ...] = ("planKey", "addonKey")
DEFAULTS: Mapping[str, Any] = {"maxQuantity": None, "addonVersion": "the active one"}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ("add-on", "plan")
RECREATE = ""
WAY_OUT = ""

_BODY = ("fromPlanPhase", "maxQuantity", "metadata")

SHAPE: Shape = Fields(
    about="A plan add-on says that an add-on can be bought beside a plan.",
    required=("planKey", "addonKey", "fromPlanPhase"),
    fields={
        "planKey": fields.key("The plan; it stands in the same pack."),
        "addonKey": fields.key("The add-on."),
        "fromPlanPhase": fields.key("The phase of the plan from which it can be bought."),
        "maxQuantity": Number(
            "How many one subscription can have; any number where it is missing.", whole=True, least=1
        ),
        "metadata": fields.METADATA,
    },
    elsewhere={"plan": "did you mean 'planKey'?", "addon": "did you mean 'addonKey'?"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:
    return (
        Reference("plan", entry["planKey"], ("planKey",)),
        Reference("add-on", entry["addonKey"], ("addonKey",)),
    )


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    plans = versions.current(client, "listPlans", (entry["planKey"] for entry in entries))
    return {
        f"{key}/{addon}": {**found, "addonVersion": _version(found)}
        for key, plan in plans.items()
        for addon, found in _attached(client, plan).items()
    }


def _version(found: Found) -> str:
    addon = found["addon"]
    return "the active one" if addon["status"] == "active" else f"version {addon['version']} ({addon['status']})"


def _attached(client: OpenMeter, plan: Found) -> Mapping[str, Found]:
    """What is attached to one version of a plan, by the add-on's key; its newest version where several are."""
    found = client.call("listPlanAddons", path={"planId": str(plan["id"])}, query={"pageSize": 1000})["items"]
    return {str(each["addon"]["key"]): each for each in sorted(found, key=lambda each: int(each["addon"]["version"]))}


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in KEY:
        return True  # by these it was found
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        plan = versions.current(client, "listPlans", [entry["planKey"]])[entry["planKey"]]["draft"]
        addon = client.call("getAddon", path={"addonId": entry["addonKey"]})
        _attach(client, plan, addon, {name: entry[name] for name in _BODY if entry.get(name) is not None})


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """A plan whose add-ons change has a draft by now, to which all are attached that the version before had."""
    create(client, [entry for entry, _ in changes])


def delete(client: OpenMeter, found: Found) -> None:
    """Never asked for: a plan add-on can always be updated."""


def carry_over(client: OpenMeter, plan: Found, draft: Found) -> None:
    """Attaches what the active version of a plan has to its draft, as far as it fits: OpenMeter does not."""
    phases = {phase["key"] for phase in draft["phases"]}
    active = versions.current(client, "listAddons", before := _attached(client, plan))
    for key, found in before.items():
        if found["fromPlanPhase"] in phases and active.get(key, {}).get("status") == "active":
            _attach(client, draft, active[key], {name: found[name] for name in _BODY if found.get(name) is not None})


def _attach(client: OpenMeter, draft: Found, addon: Found, body: Mapping[str, Any]) -> None:
    """Makes the draft have exactly this version of the add-on, this way."""
    there = _attached(client, draft).get(str(addon["key"]))
    if there and there["addon"]["id"] != addon["id"]:
        client.call("deletePlanAddon", path=_path(draft, there["addon"]))
        there = None
    if not there:
        path, create_body = {"planId": str(draft["id"])}, {"addonId": addon["id"], **body}
        client.call("createPlanAddon", path=path, body=create_body)
    if there or "metadata" in body:  # which OpenMeter does not store when it creates
        client.call("updatePlanAddon", path=_path(draft, addon), body=dict(body))


def _path(plan: Found, addon: Found) -> dict[str, str]:
    return {"planId": str(plan["id"]), "planAddonId": str(addon["id"])}
