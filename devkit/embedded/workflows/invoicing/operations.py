"""What is done to standard invoices: each operation loads one, moves it, and stores what became of it.

All of them raise Plain (404) for an unknown invoice and Malformed for a gathering one.
"""

from collections.abc import Callable

from devkit.embedded.domain.billing import validation_issues
from devkit.embedded.domain.billing.app_results import Capability, Triggered, component
from devkit.embedded.domain.billing.invoice_states import DELETE, DELETE_FAILED, NEXT, RETRY, check_fires
from devkit.embedded.domain.billing.invoices import Invoice, is_gathering
from devkit.embedded.domain.billing.lines import live
from devkit.embedded.domain.billing.refusals import MESSAGES, coded
from devkit.embedded.domain.errors import Malformed, Plain
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.invoice_notices import note_created
from devkit.embedded.store.invoices import find_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing.machine import act, advance, handle, work
from devkit.embedded.workflows.invoicing.progress import Progress, StepFailed
from devkit.embedded.workflows.invoicing.taking_off import is_one_of_several
from devkit.embedded.workflows.invoicing.work import METERED_LINES

_PARTLY_BILLED = "cannot_edit_progressively_billed_usagebased_line"
_NO_MACHINE = "state machine should not be used for manipulation"
_NO_SERVICE = "cannot be fetched via the standard invoice service"


def known_invoice(store: Store, id_: str) -> Invoice:
    """The invoice of any kind with this id. Raises Plain (404)."""
    invoice = find_invoice(store, id_)
    if invoice is None:
        raise Plain(404, "invoice not found: db: billing_invoice not found")
    return invoice


def standard_invoice(store: Store, id_: str, *, otherwise: str = _NO_MACHINE) -> Invoice:
    """The standard invoice with this id.

    otherwise: what a gathering invoice is refused with
    """
    invoice = known_invoice(store, id_)
    if is_gathering(invoice):
        raise Malformed(f"invoice[{id_}] is not a standard invoice, {otherwise}")
    return invoice


def begin_invoice(store: Store, invoice: Invoice) -> Invoice:
    """Stores a new invoice, in draft.created and with its lines rated, and lets it go as far as it goes by itself."""
    progress = Progress(store, invoice)
    try:
        work(progress)
    except StepFailed as failed:
        progress.issues = failed.issues
    else:
        progress.issues = advance(progress)
    made = progress.save()
    note_created(store, made)
    return made


def advance_invoice(store: Store, id_: str) -> Invoice:
    """Goes on where the invoice can go on by itself. Raises Plain (400) where it cannot."""
    progress = Progress(store, standard_invoice(store, id_))
    check_fires(progress.status, NEXT, progress.facts())
    progress.issues = advance(progress)
    return progress.save()


def act_on_invoice(store: Store, id_: str, trigger: str) -> Invoice:
    """Does what someone asked for, and goes on. Raises Plain (400) where the status does not allow it."""
    return _acted(Progress(store, standard_invoice(store, id_)), trigger)


def retry_invoice(store: Store, id_: str) -> Invoice:
    """Tries again what failed, in spite of the issues: they are warnings from now on. Raises as `act_on_invoice`."""
    progress = Progress(store, standard_invoice(store, id_, otherwise=_NO_SERVICE))
    progress.issues = validation_issues.softened(progress.issues)
    return _acted(progress, RETRY)


def delete_invoice(store: Store, id_: str) -> Invoice:
    """Deletes an invoice that is not issued. Raises Plain (400) where it cannot, or where its app fails to."""
    progress = Progress(store, standard_invoice(store, id_))
    check_fires(progress.status, DELETE, progress.facts())
    _check_lines_can_go(store, progress.invoice)
    invoice = _acted(progress, DELETE)
    if invoice["status"] != DELETE_FAILED:
        return invoice
    if progress.issues:
        raise validation_issues.refusal(progress.issues)
    raise coded("invoice_delete_failed", after=f" [status={DELETE_FAILED}]")


def sync_invoice(store: Store, id_: str, *, status: str, change: Callable[[Invoice], Invoice]) -> Invoice:
    """Another system is done with the invoice, that waits for it in this status: it goes on.

    change: writes into the invoice what the other system says of it
    Raises Malformed in another status, and Plain (400) where issues are left in the end: warnings too.
    """
    progress = Progress(store, standard_invoice(store, id_))
    if progress.status != status:
        raise Malformed(f"invoice is not in {status} state")
    progress.invoice = change(progress.invoice)
    if issues := advance(progress):
        raise validation_issues.refusal(issues)
    return progress.save()


def trigger_invoice(
    store: Store, id_: str, triggered: Triggered, *, app_type: str, capability: Capability = "collectPayments"
) -> Invoice:
    """Fires what an app learned, about a payment say. What stands in the way is stored with the invoice as an issue."""
    progress = Progress(store, standard_invoice(store, id_))
    found = handle(progress, triggered)
    progress.merge(component(app_type, capability, triggered.operation), found)
    return progress.save()


def _acted(progress: Progress, trigger: str) -> Invoice:
    check_fires(progress.status, trigger, progress.facts())
    act(progress, trigger)
    return progress.save()


def _check_lines_can_go(store: Store, invoice: Invoice) -> None:
    """A charge of which more is billed than this invoice cannot be taken back. Raises Plain (400)."""
    for line in live(invoice["lines"]):
        if is_one_of_several(store, line):
            message = MESSAGES[_PARTLY_BILLED]
            place = f"{METERED_LINES}: usage based standard line[{line['id']}]"
            issue = Issue(message, _PARTLY_BILLED, component=METERED_LINES)
            raise validation_issues.refusal(
                [issue], f"{place} cannot be deleted with multiple realization runs: {message}"
            )
