"""Grants: what a customer gets of a metered feature besides what every period begins with.

OpenMeter gives grants no key, so the key in the pack is kept in the grant's metadata, and by that it is found again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from devkit.adapters.clock import ahead_of
from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, Number, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields, marks
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "grant"
SECTION = "grants"
KEY: tuple[str, ...] = ("customerKey", "featureKey", "key")
DEFAULTS: Mapping[str, Any] = {}
BATCH = 1
FOLLOWS: tuple[str, ...] = ("entitlement",)
RECREATE = "the one that exists is voided, and the new one begins whole"
WAY_OUT = "say in the pack what the server has, or give it another key to grant that besides"

_ABOVE_ALL = "The priority; the lowest number is used up first."

_FIELDS: Mapping[str, Shape] = {
    "amount": Number("How much.", above=0),
    "priority": Number(_ABOVE_ALL, whole=True, least=1, most=255),
    "effectiveAt": fields.time("From when it can be used; the time of applying where it is missing"),
    "expiration": Fields(
        {
            "duration": Text("What is counted.", choices=("HOUR", "DAY", "WEEK", "MONTH", "YEAR")),
            "count": Number("How many of them.", whole=True, least=1, most=1000),
        },
        required=("duration", "count"),
        about="When what is left of it is lost; never where it is missing.",
    ),
    "minRolloverAmount": Number("What it is filled up to when usage begins anew.", least=0),
    "maxRolloverAmount": Number("What stays at most when usage begins anew; all where it is missing.", least=0),
    "recurrence": fields.period("When it is granted again."),
    "metadata": fields.METADATA,
}
IMMUTABLE: tuple[str, ...] = tuple(_FIELDS)

SHAPE: Shape = Fields(
    about="A grant is what a customer gets of a metered feature besides what every period begins with.",
    required=("customerKey", "featureKey", "key", "amount"),
    fields={
        "customerKey": fields.CUSTOMER,
        "featureKey": fields.key("The feature of a metered entitlement of the customer."),
        "key": fields.key(f"Names the grant among those of the entitlement; kept in its metadata as {marks.MARK}."),
        **_FIELDS,
    },
    elsewhere={"name": "a grant is named by its key", "expiresAt": "did you mean 'expiration'?"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    marks.check_unmarked(NAME, entry, tree, path, problems)
    least, most = entry.get("minRolloverAmount"), entry.get("maxRolloverAmount")
    if least is not None and most is not None and least > most:
        place = tree.at("minRolloverAmount").place
        problems.add(place, f"{path}.minRolloverAmount", "is above maxRolloverAmount")


def references(entry: Entry) -> Iterable[Reference]:
    return [Reference("entitlement", f"{entry['customerKey']}/{entry['featureKey']}", ("featureKey",))]


def note(found: Found) -> str:  # noqa: ARG001 - there are no updates
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    customers = dict.fromkeys(str(entry["customerKey"]) for entry in entries)
    return {f"{key}/{name}": found for key in customers for name, found in _of(client, key)}


def _of(client: OpenMeter, customer: str) -> Iterable[tuple[str, Found]]:
    """The marked grants of what the customer is entitled to now, by feature and key."""
    query = {"page": 1, "pageSize": 1000}
    try:
        path = {"customerIdOrKey": customer}
        entitled = client.call("listCustomerEntitlementsV2", path=path, query=query)["items"]
    except ApiError as error:
        if error.status == 404:
            return
        raise
    features = {str(each["id"]): str(each["featureKey"]) for each in entitled}
    for grant in client.everything("listGrantsV2", customer=[customer]) if features else ():
        key = marks.key_of(grant)
        if key and grant["entitlementId"] in features and not grant.get("voidedAt"):
            yield f"{features[grant['entitlementId']]}/{key}", marks.unmarked(grant)


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in KEY:
        return True  # by these it was found
    if field == "effectiveAt":
        return there is not None and _minute(wanted) == _minute(there)
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def _minute(text: str) -> datetime:
    """OpenMeter cuts the times of grants to the minute."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(second=0, microsecond=0)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        path = {"customerIdOrKey": str(entry["customerKey"]), "entitlementIdOrFeatureKey": str(entry["featureKey"])}
        said = {name: value for name, value in entry.items() if name not in KEY}
        metadata = marks.marked(entry["key"], entry.get("metadata"))
        effective = entry.get("effectiveAt") or _now(client, path)
        body = {**said, "effectiveAt": effective, "metadata": metadata}
        client.call("createCustomerEntitlementGrantV2", path=path, body=body)


def _now(client: OpenMeter, path: Mapping[str, str]) -> str:
    """The server's time, and never before the period that counts, which OpenMeter would refuse."""
    now = datetime.now(UTC) + ahead_of(client.url)
    period = client.call("getCustomerEntitlementV2", path=path).get("currentUsagePeriod") or {}
    since = datetime.fromisoformat(period["from"]) if period else now
    return max(now, since).isoformat()


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """Never asked for: every difference of a grant is blocked."""


def delete(client: OpenMeter, found: Found) -> None:
    client.call("voidGrant", path={"grantId": str(found["id"])})
