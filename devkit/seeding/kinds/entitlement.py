"""Entitlements: what a customer may use of a feature. OpenMeter never changes one in place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, Flag, Number, Problems, Shape, Text, Variants
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "entitlement"
SECTION = "entitlements"
KEY: tuple[str, ...] = ("customerKey", "featureKey")
DEFAULTS: Mapping[str, Any] = {}
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = "usage counts from then on; the grants of this pack are granted again, others are lost"
WAY_OUT = "say in the pack what the server has, or delete it there (deleteCustomerEntitlementV2) and apply again"

_OF: Mapping[str, Shape] = {
    "customerKey": fields.CUSTOMER,
    "featureKey": fields.key("The feature."),
}
_METERED: Mapping[str, Shape] = {
    "metadata": fields.METADATA,
    "isSoftLimit": Flag("Access stays when the balance is used up."),
    "usagePeriod": fields.period("When usage begins anew."),
    "preserveOverageAtReset": Flag("What was used too much counts in the next period."),
    "issueAfterReset": Number("What every period begins with.", least=0),
    "issueAfterResetPriority": Number("The priority of that.", whole=True, least=1, most=255),
}
IMMUTABLE: tuple[str, ...] = ("type", "config", *_METERED)

_REQUIRED = ("customerKey", "featureKey", "type")
SHAPE: Shape = Variants(
    "type",
    {
        "metered": Fields({**_OF, "type": Text(choices=("metered",)), **_METERED}, (*_REQUIRED, "usagePeriod")),
        "static": Fields(
            {
                **_OF,
                "type": Text(choices=("static",)),
                "config": fields.json_text("A setting."),
                "metadata": fields.METADATA,
            },
            (*_REQUIRED, "config"),
        ),
        "boolean": Fields(
            {**_OF, "type": Text(choices=("boolean",))},
            _REQUIRED,
            elsewhere={"metadata": "OpenMeter never shows that of a boolean one"},
        ),
    },
    "An entitlement is what a customer may use of a feature.",
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:
    return (
        Reference("customer", entry["customerKey"], ("customerKey",)),
        Reference("feature", entry["featureKey"], ("featureKey",)),
    )


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    customers = dict.fromkeys(entry["customerKey"] for entry in entries)
    return {f"{key}/{found['featureKey']}": found for key in customers for found in _of(client, key)}


def _of(client: OpenMeter, customer: str) -> Sequence[Found]:
    path, query = {"customerIdOrKey": customer}, {"page": 1, "pageSize": 1000}
    try:
        found: Sequence[Found] = client.call("listCustomerEntitlementsV2", path=path, query=query)["items"]
    except ApiError as error:
        if error.status == 404:
            return ()
        raise
    return found


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "customerKey":
        return True  # by it the entitlement was found
    if field == "config" and isinstance(there, str):
        import json

        try:
            return bool(json.loads(wanted) == json.loads(there))
        except ValueError:
            return bool(wanted == there)
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        body = {name: value for name, value in entry.items() if name != "customerKey"}
        client.call("createCustomerEntitlementV2", path={"customerIdOrKey": entry["customerKey"]}, body=body)


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """Never asked for: every difference of an entitlement is blocked."""


def delete(client: OpenMeter, found: Found) -> None:
    path = {"customerIdOrKey": str(found["customerId"]), "entitlementIdOrFeatureKey": str(found["id"])}
    client.call("deleteCustomerEntitlementV2", path=path)
