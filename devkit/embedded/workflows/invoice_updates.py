"""Updates of standard invoices: a body replaces parties, settings and lines, and the invoice begins its way anew."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from devkit.embedded.domain.billing import line_edits
from devkit.embedded.domain.billing.invoice_edits import check_parties, edited
from devkit.embedded.domain.billing.invoice_states import UPDATED, check_fires
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.line_edits import LineEdits
from devkit.embedded.domain.billing.lines import Line
from devkit.embedded.domain.billing.rating.line_rating import rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store
from devkit.embedded.store.tax_codes import default_tax_code, tax_code_of_stripe
from devkit.embedded.workflows.charge_runs import begin_run
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.invoicing import standard_invoice
from devkit.embedded.workflows.invoicing.machine import act
from devkit.embedded.workflows.invoicing.progress import Progress
from devkit.embedded.workflows.invoicing.taking_off import is_one_of_several, take_off
from devkit.embedded.workflows.pending_lines import new_pending_line, with_existing_tax_code
from devkit.embedded.workflows.quantity_snapshots import known_feature


def update_invoice(store: Store, id_: str, body: Mapping[str, Any]) -> Invoice:
    """What the invoice became. Of its deleted lines it has only those that this update took off. Raises Refusal."""
    progress = Progress(store, standard_invoice(store, id_))
    check_fires(progress.status, UPDATED, progress.facts())
    before = progress.invoice
    invoice = edited(before, body)
    edits = read_edits(store, before["lines"], body["lines"])
    check_edits(store, edits, before["currency"])
    _check_gone(store, edits)
    check_parties(invoice)
    progress.invoice = invoice | {"lines": _deleted(before["lines"]) + _applied(store, invoice, edits)}
    act(progress, UPDATED)
    updated = progress.save()
    gone = {line["id"] for line in edits.gone}
    return updated | {"lines": [line for line in updated["lines"] if "deletedAt" not in line or line["id"] in gone]}


def read_edits(store: Store, lines: list[Line], bodies: list[Mapping[str, Any]], *, pending: bool = False) -> LineEdits:
    """What the bodies make of the lines. Raises Malformed."""
    taxes = partial(taxes_of, store)
    return line_edits.read(lines, bodies, new_id=store.new_id, taxes=taxes, pending=pending)


def check_edits(store: Store, edits: LineEdits, currency: str) -> None:
    """Raises Refusal for what may not be done to lines, on drafts and while they are pending."""
    line_edits.check(edits, currency, taxes=partial(taxes_of, store))
    for line in edits.created:
        if "featureKey" in line:
            known_feature(store, line["featureKey"])


def taxes_of(store: Store, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The tax configuration that one stands for, or none: without a code of its own it has the default one."""
    given = given or {}
    behavior = {"behavior": given["behavior"]} if given.get("behavior") else {}
    stripe_code = (given.get("stripe") or {}).get("code")
    if given.get("taxCodeId") or not stripe_code:
        return behavior | {"taxCodeId": given.get("taxCodeId") or default_tax_code(store)["id"]}
    known = tax_code_of_stripe(store, stripe_code)
    return behavior | {"taxCodeId": known["id"] if known else stripe_code}


def _check_gone(store: Store, edits: LineEdits) -> None:
    for line in edits.gone:
        if is_one_of_several(store, line):
            raise coded("cannot_edit_progressively_billed_usagebased_line")


def _applied(store: Store, invoice: Invoice, edits: LineEdits) -> list[Line]:
    """The lines as they are after the edits. Where nothing changed, lines take over even what cannot be edited."""
    if not edits:
        return edits.unchanged
    now = text_of(store.now())
    take_off(store, invoice, edits.gone)
    return [
        *({**line, "taxConfig": taxes_of(store, line.get("taxConfig"))} for line in edits.unchanged),
        *(_rated(store, line_edits.changed_fee(*change) | {"updatedAt": now}) for change in edits.changed),
        *(_added(store, invoice, line) for line in edits.created),
        *(line_edits.gone_line(line, now) for line in edits.gone),
    ]


def _added(store: Store, invoice: Invoice, line: Line) -> Line:
    """A new line; a metered one gets a charge of its own, that bills what was used so far."""
    customer = find_customer(store, invoice["customerId"])
    if customer is None:
        raise InternalFailure("the invoice has lost its customer")
    taxed = with_existing_tax_code(store, line)
    made = new_pending_line(store, customer, line_edits.new_line(line, invoice["currency"], taxed["taxConfig"]))
    if "chargeId" not in made:
        return _rated(store, made)
    return begin_run(store, invoice, made, profile_of_customer(store, customer["id"]))


def _rated(store: Store, fee: Line) -> Line:
    return rated_line(fee, rate(fee), new_id=store.new_id, now=text_of(store.now()))


def _deleted(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "deletedAt" in line]
