"""What happens to invoices with time: pending lines are collected when they are due, and drafts go on.

OpenMeter looks every minute. It never bills metered lines in parts by itself, whatever the billing profile says.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from devkit.embedded.background import Job
from devkit.embedded.domain.billing.invoice_states import WAITING_AUTO_APPROVAL, WAITING_FOR_COLLECTION
from devkit.embedded.domain.billing.invoices import CREATED, GATHERING, Invoice
from devkit.embedded.domain.billing.lines import Line, is_flat, live
from devkit.embedded.domain.errors import Refusal
from devkit.embedded.domain.instants import instant
from devkit.embedded.store.invoices import invoices_in_status
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing import advance_invoice
from devkit.embedded.workflows.invoicing_pending_lines import invoice_pending_lines

_log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
#: The states that end with time, with the date that says when. Without that date there is nothing to wait for.
_TIMED = ((CREATED, ""), (WAITING_FOR_COLLECTION, "collectionAt"), (WAITING_AUTO_APPROVAL, "draftUntil"))


def collect_due_lines(store: Store, now: datetime) -> None:
    """Invoices the pending lines that were due a minute ago, instant by instant."""
    due = {
        (max(at, instant(line["createdAt"])) + _MINUTE, invoice["customerId"], at)
        for invoice in invoices_in_status(store, GATHERING)
        for line in live(invoice["lines"])
        if (at := _due_at(line)) < now
    }
    for seen, customer_id, at in sorted(due):
        if seen <= now:
            with store.clock.at(seen):
                _attempt(store, f"the lines of customer {customer_id}", _collection(store, customer_id, at))


def advance_due_invoices(store: Store, now: datetime) -> None:
    """Lets drafts go on whose time has come, each from one of its dates to the next."""
    tried: set[tuple[datetime, str]] = set()
    while due := sorted({(at, id_) for at, id_ in _due_drafts(store) if at <= now} - tried):
        tried.update(due)
        for at, id_ in due:
            with store.clock.at(at):
                _attempt(store, f"invoice {id_}", _advancement(store, id_))


def _due_at(line: Line) -> datetime:
    """A metered line is due when its period is over, too."""
    at = instant(line["invoiceAt"])
    return at if is_flat(line) else max(at, instant(line["period"]["to"]))


def _due_drafts(store: Store) -> Iterable[tuple[datetime, str]]:
    for status, date in _TIMED:
        for invoice in invoices_in_status(store, status):
            yield _moment(invoice, date), invoice["id"]


def _moment(invoice: Invoice, date: str) -> datetime:
    return instant(invoice.get(date, invoice["createdAt"]))


def _collection(store: Store, customer_id: str, at: datetime) -> Callable[[], object]:
    return lambda: invoice_pending_lines(store, customer_id, "default", as_of=at, progressive=False)


def _advancement(store: Store, id_: str) -> Callable[[], object]:
    return lambda: advance_invoice(store, id_)


def _attempt(store: Store, what: str, work: Callable[[], object]) -> None:
    """A failure is tried again at the next look; it concerns nothing else."""
    try:
        with store.records.attempt():
            work()
    except Refusal as refusal:
        _log.info("%s: %s", what, refusal)
    except Exception:  # noqa: BLE001 - whatever it is, it is no failure of the other customers
        _log.exception("%s", what)


#: What falls due with time. What is collected may go on at once.
JOBS = (Job("pending lines", collect_due_lines), Job("drafts", advance_due_invoices))
