"""Setup intents that succeeded: a customer left a way to pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.stripe_app.customer_data import id_of
from devkit.embedded.domain.stripe_app.installation import APP_ID, NAMESPACE


@dataclass(frozen=True)
class WayToPay:
    """The Stripe customer and its new default payment method, both by id."""

    stripe_customer_id: str
    payment_method_id: str


def ignored_because(intent: Mapping[str, Any], app_id: str) -> str | None:
    """Why the intent is none of this app's business; None: it is."""
    made_by = _metadata(intent).get(APP_ID)
    if made_by is None:
        return "ignoring event as it was not initiated by the openmeter app"
    if made_by not in ("", app_id):
        return "ignoring event as it was initiated by a different openmeter app"
    return None


def way_to_pay(event: Mapping[str, Any], app_id: str, namespace: str) -> WayToPay:
    """What the event of an intent of this app tells. Raises Invalid."""
    intent = event["data"]["object"]
    customer, method = _id(intent.get("customer")), _id(intent.get("payment_method"))
    if problem := _problem(_metadata(intent), customer, method, app_id, namespace):
        raise Invalid(f"{problem} in event: {event['id']}")
    return WayToPay(customer or "", method or "")


def _problem(
    metadata: Mapping[str, Any], customer: str | None, method: str | None, app_id: str, namespace: str
) -> str | None:
    made_in = metadata.get(NAMESPACE)
    checks = (
        (metadata.get(APP_ID) == "", f"appid metadata cannot be empty if provided for app: {app_id}"),
        (made_in is None, f"namespace metadata is required for app: {app_id}"),
        (made_in == "", f"namespace metadata cannot be empty if provided for app: {app_id}"),
        (made_in != namespace, f"namespace mismatch: in request {namespace}, in payment intent metadata {made_in}"),
        (customer is None, f"payment intent customer is required for app: {app_id}"),
        (method is None, f"payment intent payment method is required for app {app_id}"),
    )
    return next((text for wrong, text in checks if wrong), None)


def _id(value: Any) -> str | None:
    id_ = id_of(value)
    return id_ if isinstance(id_, str) else None


def _metadata(intent: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = intent.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}
