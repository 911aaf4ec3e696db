"""Billing profiles: who bills, with which app, and how invoices are collected, issued and paid.

OpenMeter gives them no key, so the key in the pack is kept in the profile's metadata, and by that it is found again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Flag, ListOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import app, fields, marks
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map
from devkit.seeding.kinds.lists import OLDEST_FIRST

NAME = "billing profile"
SECTION = "billingProfiles"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ("appKey",)
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack, also where customers are pinned to it"

_ROLES = ("tax", "invoicing", "payment")  # OpenMeter wants the same app for all of them
_TAX_CODES = "OpenMeter takes no tax code here any more"

_SUPPLIER = Fields(
    {
        "name": fields.name("The company."),
        "taxId": Fields({"code": Text("The number.", longest=32)}, required=("code",), about="Its tax number."),
        "addresses": ListOf(fields.address(required=("country",)), "Its address.", fewest=1, most=1),
    },
    required=("name", "addresses"),
    about="Who bills.",
    elsewhere={"key": "OpenMeter does not keep it", "address": "addresses: [...]"},
)
_COLLECTION = Fields(
    {"interval": fields.duration("How long usage may come late before an invoice is made.")},
    about="How lines are collected.",
    elsewhere={"alignment": "OpenMeter keeps that of the subscription whatever is said here"},
)
_INVOICING = Fields(
    {
        "autoAdvance": Flag("Whether drafts are issued without anybody's approval."),
        "draftPeriod": fields.duration("How long a draft stays one."),
        "dueAfter": fields.duration("How long there is to pay."),
        "progressiveBilling": Flag("Whether usage can be invoiced before its period ends."),
        "subscriptionEndProrationMode": Text(
            "What the last period of a subscription costs.", choices=("bill_full_period", "bill_actual_period")
        ),
        "defaultTaxConfig": Fields(
            {"behavior": Text("Whether prices include the tax.", choices=("inclusive", "exclusive"))},
            about="The tax of lines that say nothing of it.",
            elsewhere={"stripe": _TAX_CODES, "taxCodeId": _TAX_CODES},
        ),
    },
    about="How invoices are issued.",
)
_WORKFLOW = Fields(
    {
        "collection": _COLLECTION,
        "invoicing": _INVOICING,
        "payment": Fields(
            {"collectionMethod": Text("Who acts.", choices=("charge_automatically", "send_invoice"))},
            about="How invoices are paid.",
        ),
        "tax": Fields(
            {"enabled": Flag("Whether tax is calculated."), "enforced": Flag("Whether an invoice needs it.")},
            about="Tax.",
        ),
    },
    about="How billing goes; what is missing is as OpenMeter has it.",
)

SHAPE: Shape = Fields(
    about="A billing profile says who bills, with which app, and how.",
    required=("key", "name", "appKey", "supplier"),
    fields={
        "key": fields.key(f"Names the profile in the pack; kept in its metadata as {marks.MARK}."),
        "name": fields.name(),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "appKey": fields.key("The app of the pack that does the work; or sandbox or stripe, which the server has."),
        "default": Flag(
            "Whether it bills customers without an override, in place of the one before; else it does not."
        ),
        "supplier": _SUPPLIER,
        "workflow": _WORKFLOW,
    },
    elsewhere={"apps": "appKey: one app does all the work", "app": "did you mean 'appKey'?"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    marks.check_unmarked(NAME, entry, tree, path, problems)
    tax = (entry.get("workflow") or {}).get("tax") or {}
    if tax.get("enforced") and tax.get("enabled") is False:
        place = tree.at("workflow", "tax", "enforced").place
        problems.add(place, f"{path}.workflow.tax.enforced", "tax is enforced but not enabled")


def references(entry: Entry) -> Iterable[Reference]:
    return [Reference("app", entry["appKey"], ("appKey",))]


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    wanted = {entry["key"] for entry in entries}
    found = {key: profile for key, profile in listed(client).items() if key in wanted}
    apps = {str(each["id"]): key for key, each in app.listed(client).items()} if found else {}
    return {key: {**profile, "appKey": _app_of(profile, apps)} for key, profile in found.items()}


def _app_of(profile: Found, apps: Mapping[str, str]) -> str:
    """Its key; its id where no pack can name it. apps: keys by id"""
    id_ = str(profile["apps"]["invoicing"]["id"])
    return apps.get(id_, id_)


def listed(client: OpenMeter) -> Mapping[str, Found]:
    """The profiles that packs made, by key."""
    found: dict[str, Found] = {}
    for profile in client.everything("listBillingProfiles", **OLDEST_FIRST):
        if (key := marks.key_of(profile)) is not None:
            found.setdefault(key, marks.unmarked(profile))
    return found


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in KEY:
        return True  # by this it was found
    if field == "default":
        return bool(there) or not wanted  # it ends when another one becomes the default, and not otherwise
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    apps = app.listed(client)
    for entry in entries:
        used = {"apps": dict.fromkeys(_ROLES, apps[entry["appKey"]]["id"])}
        client.call("createBillingProfile", body={"default": False, "workflow": {}, **_said(entry, None), **used})


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole profile, so what the pack does not mention is sent back as it is.

    As it is now: another one may have become the default since the plan was made.
    """
    for entry, found in changes:
        path = {"id": str(found["id"])}
        now = client.call("getBillingProfile", path=path)
        merged = {name: _merged(now[name], entry.get(name, {})) for name in ("supplier", "workflow")}
        default = now["default"] or entry.get("default", False)
        body = {**_said(entry, found.get("metadata")), **merged, "default": default}
        client.call("updateBillingProfile", path=path, body=body)


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteBillingProfile", path={"id": str(found["id"])})


def _said(entry: Entry, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """metadata: what there is, where the pack says none"""
    said = {name: value for name, value in entry.items() if name not in ("key", "appKey")}
    return said | {"metadata": marks.marked(entry["key"], entry.get("metadata", metadata))}


def _merged(there: Any, wanted: Any) -> Any:
    """What is there, changed by what is wanted, as deep down as both say something."""
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        return {**there, **{name: _merged(there.get(name), value) for name, value in wanted.items()}}
    if isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        return [_merged(one, other) for one, other in zip(there, wanted, strict=True)]
    return wanted
