"""What an integrator tells of invoices that the custom invoicing app carries to a system of the integrator's own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from devkit.embedded.domain.billing.app_merging import with_finalized, with_upserted
from devkit.embedded.domain.billing.app_results import Finalized, PaymentTrigger, Upserted
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed
from devkit.embedded.domain.timestamps import format_instant, format_seconds, parse

#: The metadata of an invoice that say when the integrator was done with it; an invoice that waits goes on with them.
DRAFT_SYNCED_AT = "openmeter.io/custominvoicing/draft-synced-at"
FINALIZED_AT = "openmeter.io/custominvoicing/finalized-at"

#: What the API calls the triggers.
TRIGGERS: Mapping[str, PaymentTrigger] = {
    "paid": "paid",
    "payment_failed": "failed",
    "payment_uncollectible": "payment_uncollectible",
    "payment_overdue": "payment_overdue",
    "action_required": "action_required",
    "void": "void",
}


def upserted(body: Mapping[str, Any]) -> Upserted:
    """What a body says of a draft. Raises Invalid where that is nothing at all."""
    told = body.get("invoicing")
    if told is None:
        raise Invalid("upsert invoice results are required")
    return Upserted(
        invoice_number=told.get("invoiceNumber", ""),
        external_id=told.get("externalId", ""),
        line_external_ids={one["lineId"]: one["externalId"] for one in told.get("lineExternalIds", ())},
        discount_external_ids={
            one["lineDiscountId"]: one["externalId"] for one in told.get("lineDiscountExternalIds", ())
        },
    )


def finalized(body: Mapping[str, Any]) -> Finalized:
    """What a body says of a final invoice and of its payment. Raises InternalFailure for a date that does not exist."""
    told, payment = body.get("invoicing", {}), body.get("payment", {})
    sent_at = told.get("sentToCustomerAt")
    return Finalized(
        invoice_number=told.get("invoiceNumber", ""),
        payment_external_id=payment.get("externalId", ""),
        sent_to_customer_at=_instant(sent_at) if sent_at else "",
    )


def _instant(text: str) -> str:
    try:
        return format_instant(parse(text).astimezone(UTC))
    except ValueError as error:
        raise InternalFailure(f"no such instant: {text}") from error


def draft_synchronized(invoice: Invoice, told: Upserted, now: datetime) -> Invoice:
    """The invoice, of which the integrator has a draft. Raises Malformed for a line or a discount that is not in it."""
    _check_known(invoice, told)
    return _marked(with_upserted(invoice, told), DRAFT_SYNCED_AT, now)


def issuing_synchronized(invoice: Invoice, told: Finalized, now: datetime) -> Invoice:
    """The invoice that the integrator has issued."""
    return _marked(with_finalized(invoice, told), FINALIZED_AT, now)


def check_managed(invoice_id: str, app_type: str, managing: str) -> None:
    """Payments of invoices that another app carries are told to that. Raises Invalid."""
    if app_type != managing:
        raise Invalid(f"invoice {invoice_id} is not managed by the custom invoicing app")


def _marked(invoice: Invoice, mark: str, now: datetime) -> Invoice:
    return invoice | {"metadata": invoice.get("metadata", {}) | {mark: format_seconds(now)}}


def _check_known(invoice: Invoice, told: Upserted) -> None:
    lines: Sequence[Mapping[str, Any]] = invoice["lines"]
    line_ids = {one["id"] for line in lines for one in (line, *line.get("children", ()))}
    discount_ids = {discount["id"] for line in lines for discount in line.get("usageDiscounts", ())}
    problems = [
        f"some {kind} were not found in the invoice: ids=[{', '.join(missing)}]"
        for kind, named, known in (
            ("lines", told.line_external_ids, line_ids),
            ("line discounts", told.discount_external_ids, discount_ids),
        )
        if (missing := [id_ for id_ in named if id_ not in known])
    ]
    if problems:
        raise Malformed("\n".join(problems))
