"""App: Custom Invoicing. The integrator tells what became of an invoice, and the invoice goes on.

All three answer with the invoice, though the contract speaks of no content.
"""

from collections.abc import Callable

from devkit.embedded.domain.billing import custom_invoicing as rules
from devkit.embedded.domain.billing.app_results import Triggered
from devkit.embedded.domain.billing.invoice_states import DRAFT_SYNCING, ISSUING_SYNCING
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.validation_issues import read, refusal
from devkit.embedded.domain.issues import criticals
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.workflows.invoice_views import invoice_shown
from devkit.embedded.workflows.invoicing.operations import standard_invoice, sync_invoice, trigger_invoice
from devkit.embedded.workflows.invoicing_apps import app_of_invoice
from devkit.embedded.workflows.invoicing_apps.custom_invoicing import CustomInvoicing

_NO_SERVICE = "cannot be fetched via the standard invoice service"


def synchronize_draft(call: Call) -> Reply:
    told, now = rules.upserted(call.body), call.store.now()
    return _synchronized(call, DRAFT_SYNCING, lambda invoice: rules.draft_synchronized(invoice, told, now))


def synchronize_issuing(call: Call) -> Reply:
    told, now = rules.finalized(call.body), call.store.now()
    return _synchronized(call, ISSUING_SYNCING, lambda invoice: rules.issuing_synchronized(invoice, told, now))


def update_payment_status(call: Call) -> Reply:
    """A critical issue of the invoice, old or new, refuses the trigger."""
    store, id_ = call.store, call.path["invoiceId"]
    invoice = standard_invoice(store, id_, otherwise=_NO_SERVICE)
    app = app_of_invoice(store, invoice, call.settings.namespace)
    rules.check_managed(id_, app.type, CustomInvoicing.type)
    triggered = Triggered(rules.TRIGGERS[call.body["trigger"]], "trigger_invoice")
    invoice = trigger_invoice(store, id_, triggered, app_type=app.type)
    if found := criticals(read(invoice["validationIssues"])):
        raise refusal(found)
    return Reply(200, invoice_shown(store, invoice, call.settings.namespace, with_lines=False))


def _synchronized(call: Call, status: str, change: Callable[[Invoice], Invoice]) -> Reply:
    """The invoice that waited in this status, with what its integrator told."""
    invoice = sync_invoice(call.store, call.path["invoiceId"], status=status, change=change)
    return Reply(200, invoice_shown(call.store, invoice, call.settings.namespace))


ROUTES = (
    Route("appCustomInvoicingDraftSynchronized", synchronize_draft),
    Route("appCustomInvoicingIssuingSynchronized", synchronize_issuing),
    Route("appCustomInvoicingUpdatePaymentStatus", update_payment_status),
)
