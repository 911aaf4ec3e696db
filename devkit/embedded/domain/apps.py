"""Apps, and what of them a customer may have."""

from typing import Any

from devkit.embedded.domain.errors import NotFound, Plain, PreconditionFailed

App = dict[str, Any]

SANDBOX = "sandbox"
STRIPE = "stripe"


def sandbox_app(*, id_: str, now: str) -> App:
    """The app that a fresh OpenMeter has."""
    return {"id": id_, "type": SANDBOX, "name": "Sandbox", "status": "ready", "createdAt": now, "updatedAt": now}


def unknown(namespace: str, id_: str) -> NotFound:
    return NotFound(f"app with id {id_} not found in {namespace} namespace")


def not_in_profile(type_: str, customer_id: str) -> PreconditionFailed:
    return PreconditionFailed(f"no {type_} app found in billing profile for customer {customer_id}")


def check_keeps_nothing(app: App) -> None:
    """Raises Plain (501) for an app that would keep data of a customer: none can be installed yet."""
    if app["type"] != SANDBOX:
        raise unfinished(app["type"])


def unfinished(type_: str) -> Plain:
    return Plain(501, f"apps of type {type_} are not implemented by devkit's embedded server")
