"""Checkout sessions, in which a customer leaves a way to pay, and sessions of the customer portal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from devkit.embedded.domain.errors import Invalid, NotFound
from devkit.embedded.domain.stripe_app.customer_data import id_of
from devkit.embedded.domain.stripe_app.installation import APP_ID, CUSTOMER_ID, NAMESPACE
from devkit.embedded.domain.timestamps import format_seconds

#: Options of a checkout session, and what Stripe calls them.
_OPTIONS = {
    "billingAddressCollection": "billing_address_collection",
    "cancelURL": "cancel_url",
    "clientReferenceID": "client_reference_id",
    "customerUpdate": "customer_update",
    "consentCollection": "consent_collection",
    "currency": "currency",
    "customText": "custom_text",
    "expiresAt": "expires_at",
    "locale": "locale",
    "returnURL": "return_url",
    "successURL": "success_url",
    "uiMode": "ui_mode",
    "paymentMethodTypes": "payment_method_types",
    "redirectOnCompletion": "redirect_on_completion",
    "taxIdCollection": "tax_id_collection",
}
#: The names inside of those options that are objects.
_NESTED = {
    "address": "address",
    "name": "name",
    "shipping": "shipping",
    "paymentMethodReuseAgreement": "payment_method_reuse_agreement",
    "position": "position",
    "promotions": "promotions",
    "termsOfService": "terms_of_service",
    "afterSubmit": "after_submit",
    "shippingAddress": "shipping_address",
    "submit": "submit",
    "termsOfServiceAcceptance": "terms_of_service_acceptance",
    "message": "message",
    "enabled": "enabled",
    "required": "required",
}
#: What a reply tells of a checkout session, where Stripe tells it.
_TOLD = {
    "cancelURL": "cancel_url",
    "clientSecret": "client_secret",
    "clientReferenceId": "client_reference_id",
    "customerEmail": "customer_email",
    "returnURL": "return_url",
    "successURL": "success_url",
    "status": "status",
    "url": "url",
}


def check_request(body: Mapping[str, Any]) -> None:
    """What a request for a checkout session may not ask. Raises Invalid."""
    options = body["options"]
    given = body.get("stripeCustomerId")
    problem = None
    if given is not None and not given.startswith("cus_"):
        problem = "stripe customer id must start with cus_"
    elif options.get("uiMode") == "embedded" and options.get("cancelURL") is not None:
        problem = "cancel url is not allowed for embedded ui mode"
    elif options.get("uiMode") == "hosted" and options.get("successURL") is None:
        problem = "success url is required for hosted ui mode"
    if problem:
        raise Invalid(f"error create checkout session: {problem}")


def checkout_session(
    options: Mapping[str, Any], customer: Mapping[str, Any], stripe_customer_id: str, app_id: str, namespace: str
) -> dict[str, Any]:
    """The parameters of a checkout session. Raises Invalid where the metadata have a reserved key."""
    metadata = dict(options.get("metadata") or {})
    for key in (NAMESPACE, APP_ID, CUSTOMER_ID):
        if key in metadata:
            raise Invalid(f"metadata key {key} is reserved")
    metadata |= {NAMESPACE: namespace, APP_ID: app_id, CUSTOMER_ID: customer["id"]}
    params: dict[str, Any] = {
        "mode": "setup",
        "customer": stripe_customer_id,
        "setup_intent_data": {"metadata": metadata},
    }
    if currency := customer.get("currency"):
        params["currency"] = currency.lower()
    return params | _renamed(options, _OPTIONS)


def checkout_reply(session: Mapping[str, Any], customer_id: str, stripe_customer_id: str) -> dict[str, Any]:
    """The reply that tells of a checkout session."""
    reply = {
        "customerId": customer_id,
        "stripeCustomerId": stripe_customer_id,
        "sessionId": session["id"],
        "setupIntentId": id_of(session["setup_intent"]),
        "createdAt": _instant(session["created"]),
        "mode": session["mode"],
    }
    reply |= {name: session[told] for name, told in _TOLD.items() if session.get(told)}
    if session.get("currency"):
        reply["currency"] = session["currency"].upper()
    if session.get("expires_at"):
        reply["expiresAt"] = _instant(session["expires_at"])
    if session.get("metadata") is not None:
        reply["metadata"] = session["metadata"]
    return reply


def check_portal_request(body: Mapping[str, Any]) -> None:
    """Raises Invalid."""
    empty = [words for name, words in (("returnUrl", "return url"), ("locale", "locale")) if body.get(name) == ""]
    if empty:
        problems = (f"validation error: {words} cannot be empty if provided" for words in empty)
        raise Invalid("error validate input: " + "\n".join(problems))


def portal_session(body: Mapping[str, Any], stripe_customer_id: str) -> dict[str, Any]:
    """The parameters of a portal session; the locale is not among them, as in OpenMeter."""
    names = {"configurationId": "configuration", "returnUrl": "return_url"}
    return {"customer": stripe_customer_id} | _renamed(body, names)


def portal_reply(session: Mapping[str, Any], stripe_customer_id: str) -> dict[str, Any]:
    return {
        "id": session["id"],
        "stripeCustomerId": stripe_customer_id,
        "configurationId": id_of(session["configuration"]),
        "livemode": session["livemode"],
        "createdAt": _instant(session["created"]),
        "returnUrl": session.get("return_url") or "",
        "locale": session.get("locale") or "",
        "url": session["url"],
    }


def payment_app_of_another_type() -> NotFound:
    return NotFound("customer has a billing profile, but the payment app is not a stripe app")


def no_profile_of_stripe(*, without_default: bool) -> NotFound:
    """No app can be found for a customer that is yet to be made."""
    if without_default:
        return NotFound(
            "you have stripe billing profiles, but none is marked as default, provide the app id in the request"
        )
    return NotFound("no stripe billing profile found, please create a billing profile with a stripe app")


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(values[known]) for known, name in names.items() if values.get(known) is not None}


def _value(value: Any) -> Any:
    return _renamed(value, _NESTED) if isinstance(value, Mapping) else value


def _instant(seconds: int) -> str:
    return format_seconds(datetime.fromtimestamp(seconds, UTC))
