"""Pending lines become standard invoices: one per currency, and each goes on as far as it goes by itself."""

from collections.abc import Sequence
from datetime import datetime

from devkit.embedded.domain.billing import selection
from devkit.embedded.domain.billing.invoice_numbers import DRAFT
from devkit.embedded.domain.billing.invoices import Invoice, new_standard
from devkit.embedded.domain.billing.lines import Line, live
from devkit.embedded.domain.billing.pending_lines import with_lines, without_lines
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.billing.selection import Selected
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import NotFound
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.invoices import gathering_invoices, put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.charge_runs import bill
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.invoice_numbers import new_number
from devkit.embedded.workflows.invoicing import begin_invoice
from devkit.embedded.workflows.quantity_snapshots import aggregation_of


def invoice_pending_lines(
    store: Store,
    customer_id: str,
    namespace: str,
    *,
    as_of: datetime,
    line_ids: Sequence[str] | None = None,
    progressive: bool | None = None,
) -> list[Invoice]:
    """Invoices what can be invoiced of the customer's pending lines and returns the new invoices.

    line_ids:    these lines and no others
    progressive: whether metered lines are billed in parts; None: as the billing profile says
    Raises NotFound for an unknown customer, Plain where nothing can be invoiced or not all of the lines, and whatever
    keeps a line from being rated.
    """
    customer = find_customer(store, customer_id)
    if customer is None:
        raise NotFound(f"customer with id {customer_id} not found in {namespace} namespace")
    if progressive is None:
        progressive = profile_of_customer(store, customer_id)["workflow"]["invoicing"]["progressiveBilling"]
    gathering = gathering_invoices(store, customer_id)
    found = [_selected(store, invoice, as_of, progressive=progressive) for invoice in gathering]
    if line_ids is not None and gathering:
        found = _only(found, line_ids)
    pairs = [(invoice, lines) for invoice, lines in zip(gathering, found, strict=True) if lines]
    if not pairs:
        raise coded("invoice_create_no_lines")
    return [_invoiced(store, customer, invoice, lines) for invoice, lines in pairs]


def _selected(store: Store, invoice: Invoice, as_of: datetime, *, progressive: bool) -> list[Selected]:
    aggregation = aggregation_of(store)
    ends = [
        (line, selection.billable_until(line, as_of, aggregation, progressive=progressive))
        for line in live(invoice["lines"])
    ]
    return [Selected(line, end) for line, end in ends if end is not None]


def _only(found: Sequence[Sequence[Selected]], line_ids: Sequence[str]) -> list[list[Selected]]:
    """Those that were asked for. Raises Plain where one of them cannot be invoiced."""
    billable = {one.line["id"] for lines in found for one in lines}
    if missing := [id_ for id_ in line_ids if id_ not in billable]:
        raise coded("invoice_lines_not_billable", after=f": {','.join(missing)}")
    return [[one for one in lines if one.line["id"] in line_ids] for lines in found]


def _invoiced(store: Store, customer: Customer, gathering: Invoice, selected: Sequence[Selected]) -> Invoice:
    """Takes the lines off the gathering invoice and makes an invoice of them."""
    now = text_of(store.now())
    splits = [selection.split(one.line, one.until, rest_id=store.new_id(), now=now) for one in selected]
    lines = [split.billed for split in splits]
    for line in lines:
        selection.check_not_empty(line)
    rests = [split.rest for split in splits if split.rest is not None]
    _keep(store, gathering, lines, rests, now)
    profile = profile_of_customer(store, customer["id"])
    number = new_number(store, DRAFT, customer_name=customer["name"], currency=gathering["currency"])
    invoice = new_standard(customer, profile, gathering["currency"], number, id_=store.new_id(), now=now)
    moved = [{**line, "createdAt": now, "updatedAt": now} for line in lines]
    return begin_invoice(store, bill(store, {**invoice, "lines": moved}, profile))


def _keep(store: Store, gathering: Invoice, lines: Sequence[Line], rests: Sequence[Line], now: str) -> None:
    left = with_lines(gathering, rests, now=now)
    put_invoice(store, without_lines(left, [line["id"] for line in lines], now=now))
