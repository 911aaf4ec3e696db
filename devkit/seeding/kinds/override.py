"""Customer overrides: which billing profile a customer is pinned to, instead of the default one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Problems, Shape
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import billing_profile, fields
from devkit.seeding.kinds.kind import Entry, Found, Reference

NAME = "customer override"
SECTION = "customerOverrides"
KEY: tuple[str, ...] = ("customerKey",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = ""

SHAPE: Shape = Fields(
    about="A customer override pins a customer to a billing profile.",
    required=("customerKey", "billingProfileKey"),
    fields={
        "customerKey": fields.CUSTOMER,
        "billingProfileKey": fields.key("The billing profile, by its key in the pack."),
    },
    elsewhere={
        "billingProfileId": "did you mean 'billingProfileKey'?",
        "profileKey": "did you mean 'billingProfileKey'?",
    },
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:
    return (
        Reference("customer", entry["customerKey"], ("customerKey",)),
        Reference("billing profile", entry["billingProfileKey"], ("billingProfileKey",)),
    )


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    """By the customer's key, which only the expanded list tells."""
    wanted = {entry["customerKey"] for entry in entries}
    keys = {str(profile["id"]): key for key, profile in billing_profile.listed(client).items()}
    found = {}
    for each in client.everything("listBillingProfileCustomerOverrides", expand=["customer"]):
        customer = each["customer"]
        if "customerOverride" in each and customer.get("key") in wanted:
            pinned = each["customerOverride"].get("billingProfileId")
            found[customer["key"]] = {"id": customer["id"], "billingProfileKey": keys.get(pinned, pinned)}
    return found


def same(field: str, wanted: Any, there: Any) -> bool:
    return field in KEY or bool(wanted == there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    profiles = billing_profile.listed(client)
    for entry in entries:
        customer = client.call("getCustomer", path={"customerIdOrKey": entry["customerKey"]})["id"]
        body = {"billingProfileId": profiles[entry["billingProfileKey"]]["id"]}
        client.call("upsertBillingProfileCustomerOverride", path={"customerId": str(customer)}, body=body)


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    create(client, [entry for entry, _ in changes])


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteBillingProfileCustomerOverride", path={"customerId": str(found["id"])})
