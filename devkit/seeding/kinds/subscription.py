"""Subscriptions: which customer has which plan. OpenMeter allows a customer one at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map
from devkit.seeding.kinds.meter import instant

NAME = "subscription"
SECTION = "subscriptions"
KEY: tuple[str, ...] = ("customerKey",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ("name", "description", "metadata", "billingAnchor")
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = "the running one is canceled at once, and entitlements of its plan begin anew"
WAY_OUT = "say in the pack what the server has"

_STATES = ("scheduled", "canceled", "active")  # the last counts most
_CUSTOM = "a pack subscribes customers to plans; a plan for one customer is a plan too"


def _timing(text: str) -> str | None:
    return None if text == "immediate" else instant(text)


SHAPE: Shape = Fields(
    about="A subscription says which plan a customer has.",
    required=("customerKey", "plan"),
    fields={
        "customerKey": fields.CUSTOMER,
        "plan": Fields(
            {"key": fields.key("The plan, whose active version is taken.")},
            required=("key",),
            about="What is subscribed to.",
            elsewhere={"version": "OpenMeter takes the active version whatever is said here"},
        ),
        "name": fields.name("For people; the plan's name where it is missing."),
        "description": fields.description(),
        "metadata": fields.METADATA,
        "timing": Text("When it begins: immediate (where it is missing) or a time to come.", check=_timing),
        "startingPhase": fields.key("The phase of the plan to begin with; the first where it is missing."),
        "billingAnchor": fields.time("From when billing periods are counted"),
    },
    elsewhere={"planKey": "plan: {key: ...}", "customPlan": _CUSTOM, "addons": "no part of a pack yet"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:
    return (
        Reference("customer", entry["customerKey"], ("customerKey",)),
        Reference("plan", entry["plan"]["key"], ("plan", "key")),
    )


def note(found: Found) -> str:
    return "changes at once" if found["status"] == "active" else ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    """A change of plan takes everything else along, so that is no difference of its own."""
    found = {}
    for entry in entries:
        if entry["customerKey"] in found or not (there := _of(client, entry["customerKey"])):
            continue
        changed = entry.get("plan", {}).get("key") != (there.get("plan") or {}).get("key")
        along = {name: entry[name] for name in IMMUTABLE if name in entry} if changed else {}
        scheduled = {"timing": there["activeFrom"]} if there["status"] == "scheduled" else {}
        found[entry["customerKey"]] = {**there, **along, **scheduled}
    return found


def _of(client: OpenMeter, customer: str) -> Found | None:
    path, query = {"customerIdOrKey": customer}, {"status": list(_STATES)}
    try:
        found = client.call("listCustomerSubscriptions", path=path, query=query)["items"]
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    there: Found | None = max(found, key=lambda each: _STATES.index(each["status"]), default=None)
    return there


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in ("customerKey", "startingPhase"):
        return True  # by the one it was found; the other counts when it begins
    if field == "timing":
        return wanted == "immediate" or there is None or covers(wanted, there)  # a running one has begun
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        client.call("createSubscription", body=dict(entry))


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """Changes the plan: at once where the subscription runs, else by beginning with the other one."""
    for entry, found in changes:
        if found["status"] == "scheduled":
            delete(client, found)
            create(client, [entry])
            continue
        path = {"subscriptionId": str(found["id"])}
        if found["status"] == "canceled":
            client.call("unscheduleCancelation", path=path)
        body = {name: value for name, value in entry.items() if name != "customerKey"}
        client.call("changeSubscription", path=path, body={**body, "timing": "immediate"})


def delete(client: OpenMeter, found: Found) -> None:
    path = {"subscriptionId": str(found["id"])}
    if found["status"] == "scheduled":
        client.call("deleteSubscription", path=path)
        return
    if found["status"] == "canceled":
        client.call("unscheduleCancelation", path=path)
    client.call("cancelSubscription", path=path, body={"timing": "immediate"})
