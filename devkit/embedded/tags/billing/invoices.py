"""Invoices: read, list, and what can be done to them by hand."""

from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing.invoice_states import APPROVE, FORCE_COLLECT
from devkit.embedded.domain.billing.invoices import Invoice, is_gathering
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.invoice_lists import InvoiceList, Span, invoice_page
from devkit.embedded.workflows import invoicing
from devkit.embedded.workflows.gathering_updates import delete_gathering, update_gathering
from devkit.embedded.workflows.invoice_updates import update_invoice as update_standard_invoice
from devkit.embedded.workflows.invoice_views import changed_gathering_shown, invoice_shown
from devkit.embedded.workflows.invoicing.operations import known_invoice

_SPANS = (("issuedAt", "issued"), ("periodStart", "periodStart"), ("createdAt", "created"))


def list_invoices(call: Call) -> Reply:
    """Oldest first where no order is asked for; lines are shown only where they are asked for."""
    query = call.query
    asked = InvoiceList(
        customers=query.get("customers", ()),
        statuses=query.get("statuses", ()),
        extended_statuses=query.get("extendedStatuses", ()),
        spans=[Span(field, _moment(call, f"{name}After"), _moment(call, f"{name}Before")) for field, name in _SPANS],
        deleted=query.get("includeDeleted", False),
        order=query.get("orderBy", "createdAt"),
        descending=query.get("order") == "DESC",
    )
    limit, offset = window(query)
    items, total = invoice_page(call.store, asked, limit=limit, offset=offset)
    with_lines = "lines" in query.get("expand", ())
    return Reply(200, envelope([_shown(call, invoice, with_lines=with_lines) for invoice in items], total, query))


def get_invoice(call: Call) -> Reply:
    """Lines are shown but where something else was asked for."""
    expand = call.query.get("expand", ())
    body = _shown(
        call,
        known_invoice(call.store, call.path["invoiceId"]),
        with_lines=not expand or "lines" in expand,
        with_deleted_lines=call.query.get("includeDeletedLines", False),
    )
    return Reply(200, body)


def update_invoice(call: Call) -> Reply:
    """The lines that the update takes off a draft are shown once more."""
    invoice = known_invoice(call.store, call.path["invoiceId"])
    if is_gathering(invoice):
        updated = update_gathering(call.store, invoice, call.body["lines"])
        return Reply(200, changed_gathering_shown(call.store, updated))
    updated = update_standard_invoice(call.store, invoice["id"], call.body)
    return Reply(200, _shown(call, updated, with_deleted_lines=True))


def delete_invoice(call: Call) -> Reply:
    invoice = known_invoice(call.store, call.path["invoiceId"])
    if is_gathering(invoice):
        delete_gathering(call.store, invoice)
    else:
        invoicing.delete_invoice(call.store, invoice["id"])
    return Reply(204)


def advance_invoice(call: Call) -> Reply:
    return Reply(200, _shown(call, invoicing.advance_invoice(call.store, call.path["invoiceId"])))


def approve_invoice(call: Call) -> Reply:
    return Reply(200, _shown(call, invoicing.act_on_invoice(call.store, call.path["invoiceId"], APPROVE)))


def retry_invoice(call: Call) -> Reply:
    return Reply(200, _shown(call, invoicing.retry_invoice(call.store, call.path["invoiceId"])))


def snapshot_quantities(call: Call) -> Reply:
    return Reply(200, _shown(call, invoicing.act_on_invoice(call.store, call.path["invoiceId"], FORCE_COLLECT)))


def unimplemented(call: Call) -> Reply:  # noqa: ARG001 - OpenMeter looks at nothing of the call
    """OpenMeter routes this operation and answers it with nothing but the status."""
    return Reply(501, b"", media_type="")


def _shown(call: Call, invoice: Invoice, **options: bool) -> dict[str, Any]:
    return invoice_shown(call.store, invoice, call.settings.namespace, **options)


def _moment(call: Call, name: str) -> datetime | None:
    return call.query.get(name)


ROUTES = (
    Route("listInvoices", list_invoices),
    Route("getInvoice", get_invoice),
    Route("updateInvoice", update_invoice),
    Route("deleteInvoice", delete_invoice),
    Route("advanceInvoiceAction", advance_invoice),
    Route("approveInvoiceAction", approve_invoice),
    Route("retryInvoiceAction", retry_invoice),
    Route("snapshotQuantitiesInvoiceAction", snapshot_quantities),
    Route("voidInvoiceAction", unimplemented),
    Route("recalculateInvoiceTaxAction", unimplemented),
)
