"""What of an invoice goes to Stripe: the invoice itself, and an invoice item for each detailed line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.lines import Child, Line, live
from devkit.embedded.domain.calendar_arithmetic import after
from devkit.embedded.domain.durations import parse as parse_duration
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.stripe_app.amounts import minor_units, quantity, written
from devkit.embedded.domain.stripe_app.customer_data import CustomerData
from devkit.embedded.domain.stripe_app.installation import APP_ID, CUSTOMER_ID, INVOICE_ID, NAMESPACE

LINE_ID, LINE_TYPE = "om_line_id", "om_line_type"
_DAY = 86_400


@dataclass(frozen=True)
class Item:
    """One invoice item as it should stand at Stripe.

    line_at_stripe: the id of its line there; empty where it is yet to be made
    """

    child_id: str
    line_at_stripe: str
    params: dict[str, Any]


def invoice_params(invoice: Invoice, app_id: str, data: CustomerData, namespace: str, now: datetime) -> dict[str, Any]:
    """The parameters of the draft that Stripe gets; finalizing it starts the payment."""
    method = invoice["workflow"]["payment"]["collectionMethod"]
    params = {
        "auto_advance": False,
        "collection_method": method,
        "currency": invoice["currency"],
        "customer": data["stripeCustomerId"],
        **tax_params(enabled=invoice["workflow"]["tax"]["enabled"]),
        "metadata": {
            NAMESPACE: namespace,
            APP_ID: app_id,
            CUSTOMER_ID: invoice["customer"]["id"],
            INVOICE_ID: invoice["id"],
        },
    }
    if "stripeDefaultPaymentMethodId" in data:
        params["default_payment_method"] = data["stripeDefaultPaymentMethodId"]
    if method == "send_invoice":
        params["days_until_due"] = days_until_due(invoice["workflow"]["invoicing"]["dueAfter"], now)
    return params


def idempotency_key(invoice: Invoice) -> str:
    """Under which Stripe makes the invoice once, however often it is asked."""
    return f"invoice-create-{invoice['id']}"


def tax_params(*, enabled: bool) -> dict[str, Any]:
    return {"automatic_tax": {"enabled": enabled}}


def days_until_due(due_after: str, now: datetime) -> int:
    """The days of the duration; one without days is measured from now, and rounded."""
    duration = parse_duration(due_after)
    days = round(duration.days)
    if days:
        return days
    seconds = Decimal(str((after(now, duration) - now).total_seconds()))
    return int((seconds / _DAY).to_integral_value(ROUND_HALF_UP))


def items(invoice: Invoice) -> Iterator[Item]:
    """The items of an invoice in the order of its lines. As in OpenMeter discounts are none: the prices are in full."""
    for line in live(invoice["lines"]):
        for child in line.get("children", ()):
            at_stripe = child.get("externalIds", {}).get("invoicing", "")
            yield Item(child["id"], at_stripe, _params(child, line, invoice))


def for_new(item: Item, stripe_customer_id: str, stripe_invoice_id: str) -> dict[str, Any]:
    """The parameters of an item that is yet to be made."""
    return item.params | {"customer": stripe_customer_id, "invoice": stripe_invoice_id}


def _params(child: Child, line: Line, invoice: Invoice) -> dict[str, Any]:
    currency = line["currency"]
    amount = Decimal(child["totals"]["amount"]) or Decimal(child["totals"]["chargesTotal"])
    params = {
        "description": _description(child, currency),
        "amount": minor_units(amount, currency),
        "period": {name: int(instant(child["period"][given]).timestamp()) for given, name in _PERIOD.items()},
        "metadata": {LINE_ID: child["id"], LINE_TYPE: "line"},
    }
    behavior = _tax_behavior(line, invoice)
    return params | ({"tax_behavior": behavior} if behavior else {})


_PERIOD = {"from": "start", "to": "end"}


def _description(child: Child, currency: str) -> str:
    name: str = child["name"]
    if child.get("description"):
        name = f"{name} ({child['description']})"
    count = Decimal(child["quantity"])
    if 0 <= count <= 1:
        return name
    return f"{name} ({quantity(count)} x {written(Decimal(child['perUnitAmount']), currency)})"


def _tax_behavior(line: Line, invoice: Invoice) -> str | None:
    """That of the line, or else that of the workflow."""
    own: Mapping[str, Any] = line.get("taxConfig") or {}
    default: Mapping[str, Any] = invoice["workflow"]["invoicing"].get("defaultTaxConfig") or {}
    return own.get("behavior") or default.get("behavior")
