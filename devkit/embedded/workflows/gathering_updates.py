"""Updates of gathering invoices: a body replaces the lines, and nothing else of it counts."""

from collections.abc import Iterable, Mapping
from typing import Any

from devkit.embedded.domain.billing import charges, line_edits
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.line_edits import LineEdits
from devkit.embedded.domain.billing.lines import Line, live
from devkit.embedded.domain.billing.rating.rated_lines import with_rounded_fee
from devkit.embedded.domain.billing.refusals import MESSAGES
from devkit.embedded.domain.billing.validation_issues import refusal
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.charges import get_charge, put_charge
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.invoices import put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoice_updates import check_edits, read_edits, taxes_of
from devkit.embedded.workflows.invoicing.work import METERED_LINES
from devkit.embedded.workflows.pending_lines import new_pending_line, with_existing_tax_code
from devkit.embedded.workflows.quantity_snapshots import meter_behind

_CHARGE_MANAGED = "cannot_update_charge_managed_line"


def update_gathering(store: Store, invoice: Invoice, bodies: list[Mapping[str, Any]]) -> Invoice:
    """The gathering invoice with the lines of the bodies; without any it is deleted. Raises Refusal."""
    edits = read_edits(store, invoice["lines"], bodies, pending=True)
    check_edits(store, edits, invoice["currency"])
    for line in [*edits.unchanged, *edits.gone, *edits.created]:
        if "featureKey" in line:
            meter_behind(store, line["featureKey"])
    _give_up(store, edits.gone)
    return _stored(store, invoice, _applied(store, invoice, edits))


def delete_gathering(store: Store, invoice: Invoice) -> None:
    """Deletes a gathering invoice with its fees, where it is not deleted yet. Raises Plain (400) for a metered line."""
    if "deletedAt" in invoice:
        return
    pending = live(invoice["lines"])
    if any("chargeId" in line for line in pending):
        message = MESSAGES[_CHARGE_MANAGED]
        issue = Issue(message, _CHARGE_MANAGED, component=METERED_LINES)
        raise refusal([issue], f"{METERED_LINES}: {message}")
    _stored(store, invoice, [line_edits.gone_line(line, _now(store)) for line in pending])


def _applied(store: Store, invoice: Invoice, edits: LineEdits) -> list[Line]:
    if not edits:
        return edits.unchanged
    now = _now(store)
    changed = {
        before["id"]: with_rounded_fee(line_edits.changed_fee(before, after, pending=True)) | {"updatedAt": now}
        for before, after in edits.changed
    }
    unchanged = {line["id"]: line | {"taxConfig": taxes_of(store, line.get("taxConfig"))} for line in edits.unchanged}
    gone = {line["id"]: line_edits.gone_line(line, now) for line in edits.gone}
    known = {**unchanged, **changed, **gone}
    kept = [known[line["id"]] for line in live(invoice["lines"])]
    return [*kept, *(_added(store, invoice, line) for line in edits.created)]


def _added(store: Store, invoice: Invoice, line: Line) -> Line:
    taxed = with_existing_tax_code(store, line)
    made = line_edits.new_line(line, invoice["currency"], taxed["taxConfig"], pending=True)
    return new_pending_line(store, _customer(store, invoice), made)


def _give_up(store: Store, lines: Iterable[Line]) -> None:
    """What of the charges of these lines is not billed yet never will be."""
    for line in lines:
        if "chargeId" in line:
            charge, now = get_charge(store, line["chargeId"]), _now(store)
            billed = bool(charges.runs_of(charge))
            ended = charges.ended_at(charge, line["period"]["from"], now=now)
            put_charge(store, ended if billed else charges.given_up(charge, now=now))


def _stored(store: Store, invoice: Invoice, lines: list[Line]) -> Invoice:
    """With the lines that were deleted before; without a live one the invoice is deleted, too."""
    before = [line for line in invoice["lines"] if "deletedAt" in line]
    now = _now(store)
    deleted = {} if live(lines) or "deletedAt" in invoice else {"deletedAt": now}
    changed = invoice | {"lines": [*before, *lines], "updatedAt": now} | deleted
    put_invoice(store, changed)
    return changed


def _customer(store: Store, invoice: Invoice) -> Customer:
    found = find_customer(store, invoice["customerId"])
    if found is None:
        raise InternalFailure("the invoice has lost its customer")
    return found


def _now(store: Store) -> str:
    return text_of(store.now())
