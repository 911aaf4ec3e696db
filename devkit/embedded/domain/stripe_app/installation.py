"""Installing the Stripe app: keys, the webhook endpoint at Stripe, and the app that comes of it."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import STRIPE, App
from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid, Unauthorized

#: The version of Stripe's API whose objects OpenMeter reads; webhook endpoints are pinned to it.
API_VERSION = "2024-09-30.acacia"
#: What Stripe sends to the webhook endpoint of an app.
ENABLED_EVENTS = (
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "setup_intent.requires_action",
    "invoice.finalization_failed",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "invoice.voided",
)
NAMESPACE, APP_ID, CUSTOMER_ID, INVOICE_ID = "om_namespace", "om_app_id", "om_customer_id", "om_invoice_id"
#: Instead of an endpoint at Stripe where none is registered: webhooks signed with this secret are taken all the same.
UNREGISTERED = {"id": "endpoint-registration-disabled", "secret": "fake-secret"}

_DESCRIPTION = "OpenMeter Stripe Webhook, do not delete or modify manually"
_TEST_PREFIXES = ("sk_test", "rk_test")
#: This much of the beginning of a key is shown.
_SHOWN = 8


def is_live(key: str) -> bool:
    """Whether OpenMeter takes the key for one of live mode: all are but those with a prefix of test mode."""
    return not key.startswith(_TEST_PREFIXES)


def check_not_live(key: str) -> None:
    """devkit never sends a live key anywhere. Raises Unauthorized."""
    kind, *rest = key.split("_")
    if is_live(key) and "live" in rest:
        raise Unauthorized(
            "unauthorized error: devkit takes no live keys of Stripe;"
            f" use a test key ({kind}_test_…) in place of {kind}_live_…"
        )


def masked(key: str) -> str:
    return f"{key[:_SHOWN]}***{key[-3:]}"


def webhook_url(base_url: str, app_id: str) -> str:
    """Where Stripe reaches the app. base_url: where this server is reached from outside."""
    return f"{base_url.rstrip('/')}/api/v1/apps/{app_id}/stripe/webhook"


def webhook_endpoint(url: str, app_id: str, namespace: str) -> dict[str, Any]:
    """The parameters of the webhook endpoint of an app."""
    return {
        "enabled_events": list(ENABLED_EVENTS),
        "url": url,
        "description": _DESCRIPTION,
        "metadata": {NAMESPACE: namespace, APP_ID: app_id},
        "api_version": API_VERSION,
    }


def installed(*, id_: str, name: str, key: str, account_id: str, now: str) -> App:
    return {
        "id": id_,
        "type": STRIPE,
        "name": name,
        "description": f"Stripe account {account_id}",
        "status": "ready",
        "stripeAccountId": account_id,
        "livemode": is_live(key),
        "maskedAPIKey": masked(key),
        "createdAt": now,
        "updatedAt": now,
    }


def account_taken(account_id: str, namespace: str) -> Conflict:
    return Conflict(f"stripe app already exists with stripe account id: {account_id} in namespace {namespace}")


def check_replacement(key: str) -> None:
    """The key that an update of an app brings. Raises Invalid where it is empty."""
    if not key:
        raise Invalid("error validating app entity update: secretAPIKey cannot be empty")


def check_maskable(key: str) -> None:
    """Raises InternalFailure for a key that is too short to be masked, over which OpenMeter panics."""
    if len(key) < _SHOWN:
        raise InternalFailure("a key of Stripe's that is too short to be masked")


def check_same_mode(app: Mapping[str, Any], key: str) -> None:
    """Raises Invalid where the new key is of the other mode than the app."""
    live = is_live(key)
    if live != app["livemode"]:
        new, old = ("live", "test") if live else ("test", "live")
        raise Invalid(f"new stripe api key is in {new} mode but the app is in {old} mode")


def check_same_account(app: Mapping[str, Any], account_id: str) -> None:
    """Raises Invalid where the new key opens another account."""
    if account_id != app["stripeAccountId"]:
        raise Invalid(f"stripe account id mismatch: {account_id} != {app['stripeAccountId']}")


def with_key(app: App, key: str, *, now: str) -> App:
    """The app with a new key, that Stripe knows."""
    return {**app, "maskedAPIKey": masked(key), "status": "ready", "updatedAt": now}


def unauthorized(app: App, *, now: str) -> App:
    """The app after Stripe did not know its key; so it stays until it gets a good one."""
    return {**app, "status": "unauthorized", "updatedAt": now}
