"""What Stripe tells of invoices, and what each event fires in the invoice here: one row per event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from devkit.embedded.domain.billing.app_results import PaymentTrigger, Triggered
from devkit.embedded.domain.billing.invoices import Invoice, status_of
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.stripe_app.webhooks import mismatch
from devkit.embedded.domain.timestamps import format_seconds

SENT = "invoice.sent"
#: What Stripe is asked to send, but what nothing follows from.
ACKNOWLEDGED = frozenset({"invoice.payment_succeeded", "setup_intent.setup_failed", "setup_intent.requires_action"})


@dataclass(frozen=True)
class InvoiceEvent:
    """What an event fires.

    targets: the extended statuses in which it has come true already
    ignored: the short statuses in which it comes too late
    at_stripe: the status that the invoice must have at Stripe now; None: it must have a finalization error
    """

    trigger: PaymentTrigger
    targets: frozenset[str]
    ignored: frozenset[str] = frozenset()
    at_stripe: str | None = None


_ENDED = frozenset({"paid", "uncollectible"})

EVENTS: Mapping[str, InvoiceEvent] = {
    "invoice.finalization_failed": InvoiceEvent(
        "failed", frozenset({"issuing.failed", "payment_processing.failed"}), _ENDED | {"payment_processing"}
    ),
    "invoice.voided": InvoiceEvent("void", frozenset({"voided"}), frozenset({"paid"}), "void"),
    "invoice.marked_uncollectible": InvoiceEvent(
        "payment_uncollectible", frozenset({"uncollectible"}), at_stripe="uncollectible"
    ),
    "invoice.overdue": InvoiceEvent("payment_overdue", frozenset({"overdue"}), frozenset({"uncollectible"}), "open"),
    "invoice.paid": InvoiceEvent("paid", frozenset({"paid"}), at_stripe="paid"),
    "invoice.payment_action_required": InvoiceEvent(
        "action_required", frozenset({"payment_processing.action_required"}), _ENDED, "open"
    ),
    "invoice.payment_failed": InvoiceEvent("failed", frozenset({"payment_processing.failed"}), _ENDED, "open"),
}


def comes_too_late(event: InvoiceEvent, invoice: Invoice) -> bool:
    """Whether the invoice has been where the event leads, or beyond."""
    return invoice["status"] in event.targets or status_of(invoice) in event.ignored


def triggered(event: InvoiceEvent, at_stripe: Mapping[str, Any]) -> Triggered | None:
    """What to fire, going by the invoice as Stripe has it now; None: the event is outdated."""
    if event.at_stripe is not None:
        return Triggered(event.trigger, "trigger_invoice") if at_stripe.get("status") == event.at_stripe else None
    error = at_stripe.get("last_finalization_error")
    if error is None:
        return None
    issue = Issue(error.get("message") or "", code=error.get("code") or "")
    return Triggered(event.trigger, "initiate_payment", [issue])


def invoice_id(event: Mapping[str, Any]) -> str:
    """The id at Stripe of the invoice that an event is about. Raises Invalid and InternalFailure."""
    id_ = event["data"]["object"].get("id")
    if not isinstance(id_, str) and id_ is not None:
        raise Invalid(f"failed to unmarshal invoice: {mismatch(id_, 'invoice.id', 'string')}")
    if not id_:
        raise InternalFailure("invoice id is required")
    return id_


def sent_at(event: Mapping[str, Any]) -> str:
    """When the invoice of the event was mailed. Raises InternalFailure for what is no date."""
    try:
        return format_seconds(datetime.fromtimestamp(event["created"], UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise InternalFailure(str(error)) from error
