"""Customers: who pays. Their usage is that of their subjects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, ListOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "customer"
SECTION = "customers"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack"

_CHANGEABLE = (
    "key",
    "name",
    "description",
    "metadata",
    "usageAttribution",
    "primaryEmail",
    "currency",
    "billingAddress",
)

SHAPE: Shape = Fields(
    about="A customer is who pays; what its subjects use is its usage.",
    required=("key", "name"),
    fields={
        "key": Text("Names the customer.", longest=256),
        "name": fields.name(),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "usageAttribution": Fields(
            {"subjectKeys": ListOf(Text("A subject's key."), "The subjects whose usage is the customer's.")},
            required=("subjectKeys",),
            about="Whose usage it is.",
        ),
        "primaryEmail": Text("Where invoices go."),
        "currency": fields.CURRENCY,
        "billingAddress": fields.address(),
    },
    elsewhere={"subjects": "usageAttribution: {subjectKeys: [...]}", "email": "did you mean 'primaryEmail'?"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:
    subjects = (entry.get("usageAttribution") or {}).get("subjectKeys", ())
    return [Reference("subject", key, ("usageAttribution", "subjectKeys", index)) for index, key in enumerate(subjects)]


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    found = {entry["key"]: _get(client, entry["key"]) for entry in entries}
    return {key: customer for key, customer in found.items() if customer is not None}


def _get(client: OpenMeter, key: str) -> Found | None:
    try:
        customer: Found = client.call("getCustomer", path={"customerIdOrKey": key})
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return customer if customer.get("key") == key and not customer.get("deletedAt") else None


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "usageAttribution":
        return _sorted_subjects(wanted) == _sorted_subjects(there or {})
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def _sorted_subjects(attribution: Mapping[str, Any]) -> list[str]:
    """As OpenMeter keeps them; in another order it takes them for a change, which subscribers must not make."""
    return sorted(set(attribution.get("subjectKeys", ())))


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        client.call("createCustomer", body=dict(entry))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole customer, so what the pack does not mention is sent back as it was found."""
    for entry, found in changes:
        kept = {field: found[field] for field in _CHANGEABLE if found.get(field) is not None}
        address = {"billingAddress": {**(found.get("billingAddress") or {}), **entry.get("billingAddress", {})}}
        body = {**kept, **entry, **(address if "billingAddress" in entry else {})}
        if "usageAttribution" in body:
            body["usageAttribution"] = {"subjectKeys": _sorted_subjects(body["usageAttribution"])}
        client.call("updateCustomer", path={"customerIdOrKey": str(found["id"])}, body=body)


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteCustomer", path={"customerIdOrKey": str(found["id"])})
