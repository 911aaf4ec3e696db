"""Changes that OpenMeter itself makes to lines, wherever they are by then: pending, on a draft, or on a final invoice.

A final invoice stays as it is. It gets a warning of what should have been changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.embedded.domain.billing import charges
from devkit.embedded.domain.billing.invoice_states import UPDATED, target
from devkit.embedded.domain.billing.invoices import Invoice, is_gathering
from devkit.embedded.domain.billing.lines import Line, is_flat, live
from devkit.embedded.domain.billing.rating.line_rating import rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.charges import get_charge, put_charge
from devkit.embedded.store.invoices import invoice_of_line, put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing import delete_invoice
from devkit.embedded.workflows.invoicing.machine import act
from devkit.embedded.workflows.invoicing.progress import Progress

_COMPONENT = "charges.invoiceupdater"
_CODE = "immutable_invoice_handling_not_supported"
_TOO_LATE = "line should be deleted, but the invoice is immutable"


@dataclass
class LineChanges:
    """Lines by id.

    gone:     those that go
    changed:  what changes in others
    repriced: those of them that cost something else from now on
    """

    gone: set[str] = field(default_factory=set)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    repriced: set[str] = field(default_factory=set)


def apply_changes(store: Store, changes: LineChanges) -> None:
    """Makes the changes, on each invoice all at once. Lines that are on no invoice any more are left out."""
    invoices: dict[str, Invoice] = {}
    for id_ in sorted({*changes.gone, *changes.changed}):
        invoice = invoice_of_line(store, id_)
        if invoice is not None:
            invoices[invoice["id"]] = invoice
    for invoice in invoices.values():
        _apply(store, invoice, changes)


def is_open(store: Store, invoice: Invoice) -> bool:
    """Whether its lines can still be changed."""
    if is_gathering(invoice):
        return True
    progress = Progress(store, invoice)
    return target(progress.status, UPDATED, progress.facts()) is not None


def _apply(store: Store, invoice: Invoice, changes: LineChanges) -> None:
    if not is_open(store, invoice):
        _warn(store, invoice, changes.gone | changes.repriced)
    elif is_gathering(invoice):
        lines = [_changed(store, line, changes) for line in invoice["lines"]]
        put_invoice(store, _without_life({**invoice, "lines": lines}, store))
    else:
        _change_draft(store, invoice, changes)


def _change_draft(store: Store, invoice: Invoice, changes: LineChanges) -> None:
    lines = [_rerated(store, line, changes) for line in invoice["lines"]]
    edited = {**invoice, "lines": lines}
    for line in live(invoice["lines"]):
        if line["id"] in changes.gone:
            _void(store, line)
    if not live(lines):
        put_invoice(store, edited)
        delete_invoice(store, invoice["id"])
        return
    progress = Progress(store, edited)
    act(progress, UPDATED)
    progress.save()


def _changed(store: Store, line: Line, changes: LineChanges) -> Line:
    if "deletedAt" in line:
        return line
    now = text_of(store.now())
    if line["id"] in changes.gone:
        return {**line, "deletedAt": now, "updatedAt": now}
    change = changes.changed.get(line["id"])
    return line if change is None else {**line, **change, "updatedAt": now}


def _rerated(store: Store, line: Line, changes: LineChanges) -> Line:
    """A fee is rated anew; a metered line is by its run."""
    changed = _changed(store, line, changes)
    if line["id"] not in changes.changed or "deletedAt" in changed or not is_flat(changed):
        return changed
    return rated_line(changed, rate(changed), new_id=store.new_id, now=text_of(store.now()))


def _without_life(invoice: Invoice, store: Store) -> Invoice:
    """A gathering invoice that is left without lines is deleted."""
    now = text_of(store.now())
    return {**invoice, "updatedAt": now, **({} if live(invoice["lines"]) else {"deletedAt": now})}


def _void(store: Store, line: Line) -> None:
    """What the run of a metered line billed counts no more."""
    if "chargeId" in line:
        changes: Mapping[str, bool] = {"open": False, "voided": True}
        charge = get_charge(store, line["chargeId"])
        put_charge(store, charges.with_run_changed(charge, line["id"], changes, now=text_of(store.now())))


def _warn(store: Store, invoice: Invoice, due: set[str]) -> None:
    progress = Progress(store, invoice)
    late = [line["id"] for line in live(invoice["lines"]) if line["id"] in due]
    issues = [Issue(_TOO_LATE, _CODE, f"lines/{id_}", "warning", component=_COMPONENT) for id_ in late]
    new = [issue for issue in issues if issue not in progress.issues]
    if new:
        progress.issues = [*progress.issues, *new]
        progress.save()
