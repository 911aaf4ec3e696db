"""Billing: pending lines, and the invoices that are made of them."""

from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing.pending_lines import creation_shown
from devkit.embedded.domain.errors import InternalFailure, Malformed
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import find_customer
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.invoice_views import invoice_shown
from devkit.embedded.workflows.invoicing_pending_lines import invoice_pending_lines
from devkit.embedded.workflows.pending_lines import create_pending_lines


def create_lines(call: Call) -> Reply:
    customer_id = call.path["customerId"]
    added = create_pending_lines(call.store, customer_id, call.body)
    customer, profile = find_customer(call.store, customer_id) or {}, profile_of_customer(call.store, customer_id)
    return Reply(201, creation_shown(added.invoice, added.lines, customer, profile, is_new=added.is_new))


def invoice_lines(call: Call) -> Reply:
    """What was ingested before the request is counted."""
    call.store.events.flush()
    invoices = invoice_pending_lines(
        call.store,
        call.body["customerId"],
        call.settings.namespace,
        as_of=_as_of(call),
        line_ids=_line_ids(call.body),
        progressive=call.body.get("progressiveBillingOverride"),
    )
    return Reply(201, [invoice_shown(call.store, invoice) for invoice in invoices])


def _as_of(call: Call) -> datetime:
    now, text = call.store.now(), call.body.get("asOf")
    if text is None:
        return now
    try:
        as_of = plain(parse(text))
    except ValueError as error:
        raise InternalFailure(str(error)) from error
    if as_of > now:
        raise Malformed("asOf must be in the past")
    return as_of


def _line_ids(body: dict[str, Any]) -> list[str] | None:
    found: list[str] | None = (body.get("filters") or {}).get("lineIds")
    if found is not None and not found:
        raise Malformed("includePendingLines must contain at least one line ID")
    return found


ROUTES = (
    Route("createPendingInvoiceLine", create_lines),
    Route("invoicePendingLinesAction", invoice_lines),
)
