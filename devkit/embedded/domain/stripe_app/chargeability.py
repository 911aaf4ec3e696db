"""Whether Stripe can charge or mail a customer and tax it, before an invoice goes there."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.stripe_app.customer_data import CustomerData

#: What stands against enforced taxes, by `tax.automatic_tax` of the Stripe customer. The rest is fine.
_TAX_CONDITIONS = {
    "not_collecting": "stripe tax: customer {} is not collecting tax",
    "failed": "stripe tax: there was an error determining the customer {} location, retry later",
    "unrecognized_location": "stripe tax: the customer {} location couldn't be determined",
}


def unmet_by_payment(
    method: str, data: CustomerData, stripe_customer: Mapping[str, Any], payment_method: Mapping[str, Any] | None
) -> str | None:
    """The condition that keeps Stripe from collecting a payment; None: nothing does.

    method:         the collection method, `charge_automatically` or `send_invoice`
    payment_method: the default one of the customer, or else of the Stripe customer
    """
    if method == "send_invoice":
        return None if stripe_customer.get("email") else _no_email(data["stripeCustomerId"])
    if payment_method is None:
        return "stripe customer must have a default payment method"
    if not (payment_method.get("billing_details") or {}).get("address"):
        return "stripe customer default payment method must have a billing address"
    return None


def unmet_by_tax(tax: Mapping[str, Any], stripe_customer: Mapping[str, Any]) -> str | None:
    """The condition that keeps Stripe from taxing the customer where the workflow enforces it; None: nothing does."""
    if not (tax["enabled"] and tax["enforced"]):
        return None
    condition = _TAX_CONDITIONS.get((stripe_customer.get("tax") or {}).get("automatic_tax", ""))
    return condition and condition.format(stripe_customer["id"])


def _no_email(stripe_customer_id: str) -> str:
    return (
        "stripe customer missing email: in order to create invoices that are sent to the stripe customer,"
        f" the stripe customer {stripe_customer_id} must have a valid email"
    )
