"""Apps: what is installed, what of them the API shows, and when one may go."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid, NotFound, PreconditionFailed
from devkit.embedded.domain.marketplace import LISTINGS

App = dict[str, Any]

SANDBOX = "sandbox"
STRIPE = "stripe"
CUSTOM_INVOICING = "custom_invoicing"

_COMMON = ("id", "type", "name", "status", "createdAt", "updatedAt", "deletedAt")
_HOOKS = ("enableDraftSyncHook", "enableIssuingSyncHook")
#: How the status of an invoice begins that has to be finished yet.
_UNFINISHED = ("gathering", "issuing.", "issued", "payment_processing.", "overdue")
#: What the API shows of an app of each type beside what all have.
_SHOWN: Mapping[str, Sequence[str]] = {
    SANDBOX: (),
    STRIPE: ("description", "metadata", "stripeAccountId", "livemode", "maskedAPIKey"),
    CUSTOM_INVOICING: ("description", "metadata", *_HOOKS),
}


def sandbox_app(*, id_: str, now: str) -> App:
    """The app that a fresh OpenMeter has."""
    return installed(SANDBOX, "", id_=id_, now=now)


def installed(type_: str, name: str, *, id_: str, now: str) -> App:
    """A new app that needs no credentials; without a name it has that of its listing."""
    app = {
        "id": id_,
        "type": type_,
        "name": name or LISTINGS[type_]["name"],
        "description": "",
        "status": "ready",
        "createdAt": now,
        "updatedAt": now,
    }
    return app | (dict.fromkeys(_HOOKS, False) if type_ == CUSTOM_INVOICING else {})


def shown(app: App) -> dict[str, Any]:
    """The App of the API."""
    fields = {name: app[name] for name in (*_COMMON, *_SHOWN[app["type"]]) if name in app}
    return fields | {"listing": dict(LISTINGS[app["type"]])}


def check_metadata(body: Mapping[str, Any]) -> None:
    """Neither keys nor values may be empty. Raises Invalid."""
    for key, value in (body.get("metadata") or {}).items():
        if not key:
            raise Invalid("metadata key is required")
        if not value:
            raise Invalid("metadata value is required")


def replace(app: App, body: Mapping[str, Any], *, now: str) -> App:
    """The app that an update leaves; what it leaves out of description and metadata is gone.

    The type of a body for a sandbox app does not matter; that of any other is its own. Raises InternalFailure.
    """
    if app["type"] not in (SANDBOX, body["type"]):
        raise InternalFailure("the configuration of an app of another type")
    kept = {name: value for name, value in app.items() if name not in ("description", "metadata")}
    given = {name: body[name] for name in ("description", "metadata") if body.get(name) is not None}
    hooks = {name: body[name] for name in _HOOKS if name in app and "deletedAt" not in app}
    return kept | given | hooks | {"name": body["name"], "updatedAt": now}


def uninstalled(app: App, *, now: str) -> App:
    """The app as it can still be read. Its hooks are off: invoices that waited for an answer may go on without."""
    hooks = {name: False for name in _HOOKS if name in app}
    return app | hooks | {"deletedAt": now, "updatedAt": now}


def is_unfinished(invoice: Mapping[str, Any]) -> bool:
    """Whether the invoice still needs its apps; drafts do without."""
    return str(invoice["status"]).startswith(_UNFINISHED)


def check_unused(profiles: Sequence[Mapping[str, Any]], invoices: Sequence[Mapping[str, Any]]) -> None:
    """Nothing that lives on needs the app. Raises Conflict.

    profiles: the live billing profiles with the app
    invoices: the unfinished invoices with the app
    """
    if profiles:
        names = ",".join(f"{profile['name']}[{profile['id']}]" for profile in profiles)
        raise Conflict(f"app is used in {len(profiles)} billing profiles: {names}")
    if invoices:
        numbers = ",".join(f"{invoice['number']}[{invoice['id']}]" for invoice in invoices)
        raise Conflict(f"app is used in {len(invoices)} non-finalized invoices: {numbers}")


def check_only_sandbox(apps: Sequence[App]) -> None:
    """There is at most one sandbox. Raises Conflict."""
    if found := next((app for app in apps if app["type"] == SANDBOX), None):
        raise Conflict(f"sandbox app: {found['name']} already exists")


def check_type(app: App, type_: str) -> None:
    """What a customer gets of an app is for apps of one type. Raises InternalFailure."""
    if app["type"] != type_:
        raise InternalFailure(f"data of {type_} for an app of type {app['type']}")


def unknown(namespace: str, id_: str) -> NotFound:
    return NotFound(f"app with id {id_} not found in {namespace} namespace")


def not_in_profile(type_: str, customer_id: str) -> PreconditionFailed:
    return PreconditionFailed(f"no {type_} app found in billing profile for customer {customer_id}")
