"""Which Stripe customer an OpenMeter customer is, and the conditions that both have to meet."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.errors import Invalid, PreconditionFailed
from devkit.embedded.domain.stripe_app.installation import CUSTOMER_ID, NAMESPACE

#: `stripeCustomerId`, and where it is known `stripeDefaultPaymentMethodId`.
CustomerData = dict[str, Any]

#: What OpenMeter always asks Stripe to expand in a customer.
EXPANDED = ("invoice_settings.default_payment_method", "tax")


def customer_data(body: Mapping[str, Any]) -> CustomerData:
    """The data that a body asks for; a payment method that is left out is cleared. Raises Invalid."""
    method = body.get("stripeDefaultPaymentMethodId")
    if not body["stripeCustomerId"]:
        raise Invalid("stripe customer id is required")
    if method == "":
        raise Invalid("stripe default payment method id cannot be empty if provided")
    if method is not None and not method.startswith("pm_"):
        raise Invalid("error upsert stripe customer data: stripe default payment method must start with pm_")
    data = {"stripeCustomerId": body["stripeCustomerId"]}
    return data if method is None else data | {"stripeDefaultPaymentMethodId": method}


def shown(app: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as the API shows them. app: as the API shows it."""
    known = {name: data[name] for name in ("stripeCustomerId", "stripeDefaultPaymentMethodId") if name in data}
    return {"id": app["id"], "type": app["type"], **known, "app": app}


def stripe_customer(customer: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The parameters of a new Stripe customer for this customer."""
    email = customer.get("primaryEmail")
    params = {"name": customer["name"], "metadata": {NAMESPACE: namespace, CUSTOMER_ID: customer["id"]}}
    return params | ({"email": email} if email else {})


def unmet(condition: str, app: App, customer_id: str, namespace: str) -> PreconditionFailed:
    """The customer does not meet a condition of the app."""
    return PreconditionFailed(
        f"customer with id {customer_id} does not meet condition {condition}"
        f" for stripe app type with id {app['id']} in namespace {namespace}"
    )


def no_data(app: App, customer_id: str, namespace: str) -> PreconditionFailed:
    return unmet("customer has no data for stripe app", app, customer_id, namespace)


def not_at_stripe(app: App, customer_id: str, stripe_customer_id: str, namespace: str) -> PreconditionFailed:
    account = app["stripeAccountId"]
    condition = f"stripe customer {stripe_customer_id} not found in stripe account: {account}"
    return unmet(condition, app, customer_id, namespace)


def lost_at_stripe(app: App, stripe_customer_id: str) -> str:
    """The condition that a Stripe customer does not meet who is gone when an invoice is made."""
    account = app["stripeAccountId"]
    return (
        "stripe customer not found in stripe account"
        f" [stripe.customer_id={stripe_customer_id} stripe.account_id={account}]"
    )


def bound_already(app: App, customer_id: str, namespace: str) -> PreconditionFailed:
    """Another customer of this app is that Stripe customer."""
    return unmet("unique stripe customer id", app, customer_id, namespace)


def nobody_has(app: App, stripe_customer_id: str, namespace: str) -> PreconditionFailed:
    """No customer of this app is that Stripe customer."""
    return PreconditionFailed(
        f"customer does not meet condition for stripe app type with id {app['id']} in namespace {namespace}:"
        f" stripe customer has no data for stripe app: {stripe_customer_id}"
    )


def check_owner(app: App, method: Mapping[str, Any], stripe_customer_id: str) -> None:
    """Raises PreconditionFailed where the payment method is not the Stripe customer's."""
    if id_of(method.get("customer")) != stripe_customer_id:
        raise PreconditionFailed(
            f"app does not meet condition for {app['id']}: stripe payment method {method['id']} does not belong to"
            f" stripe customer {stripe_customer_id} in stripe account: {app['stripeAccountId']}"
        )


def id_of(value: Any) -> str | None:
    """The id of a Stripe object that stands there by its id or expanded."""
    return value.get("id") if isinstance(value, Mapping) else value
