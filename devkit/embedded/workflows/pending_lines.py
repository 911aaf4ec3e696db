"""New pending lines: each metered one with its charge, all on the gathering invoice of customer and currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.embedded.domain.billing import charges, line_inputs
from devkit.embedded.domain.billing import pending_lines as rules
from devkit.embedded.domain.billing.invoice_numbers import GATHERING
from devkit.embedded.domain.billing.invoices import Invoice, new_gathering
from devkit.embedded.domain.billing.lines import MANUAL, Line, is_flat
from devkit.embedded.domain.billing.rating.rated_lines import with_rounded_fee
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.charges import put_charge
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.invoices import gathering_invoice, put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.store.tax_codes import default_tax_code, tax_code
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.invoice_numbers import new_number
from devkit.embedded.workflows.quantity_snapshots import known_feature


@dataclass(frozen=True)
class Added:
    """What new lines led to.

    lines:  the new ones, in their order
    is_new: whether the invoice was made for them
    """

    invoice: Invoice
    lines: tuple[Line, ...]
    is_new: bool


def create_pending_lines(store: Store, customer_id: str, body: Mapping[str, Any]) -> Added:
    """What a request asks for. Raises Refusal."""
    currency = body["currency"]
    read = line_inputs.read_all(body["lines"], new_id=store.new_id)
    if problems := line_inputs.problems_of(currency, read):
        raise Malformed(problems)
    line_inputs.check_payment_terms(read)
    lines = [with_existing_tax_code(store, {**line, "managedBy": MANUAL, "currency": currency}) for line in read]
    for line in lines:
        if "featureKey" in line:
            known_feature(store, line["featureKey"])
    rules.check_fees_cost_something(lines)
    customer = find_customer(store, customer_id)
    if customer is None or customer["id"] != customer_id:
        raise rules.unknown_customer(lines)
    return add_pending_lines(store, customer, currency, lines)


def add_pending_lines(store: Store, customer: Customer, currency: str, lines: Sequence[Line]) -> Added:
    """Puts lines that have all but their identity on the gathering invoice, that is made where there is none.

    Raises NotFound for an unknown feature.
    """
    now = text_of(store.now())
    identities = {id(line): new_pending_line(store, customer, line) for line in rules.fees_first(lines)}
    made = tuple(identities[id(line)] for line in lines)
    known = gathering_invoice(store, customer["id"], currency)
    invoice = rules.with_lines(known or _new_gathering(store, customer, currency), made, now=now)
    put_invoice(store, invoice)
    return Added(invoice, made, known is None)


def new_pending_line(store: Store, customer: Customer, line: Line) -> Line:
    """The line with its identity and, where it is metered and has no charge, with a new one. Raises NotFound."""
    now = text_of(store.now())
    made = {**line, "id": store.new_id(), "createdAt": now, "updatedAt": now}
    if is_flat(line):
        return with_rounded_fee(made)
    if "chargeId" in line:
        return made
    feature = known_feature(store, line["featureKey"])
    charge = charges.new(made, customer["id"], feature["id"], id_=store.new_id(), now=now)
    put_charge(store, charge)
    return {**made, "chargeId": charge["id"]}


def with_existing_tax_code(store: Store, line: Line) -> Line:
    """The line with a tax code that exists: its own or the default one. Raises Invalid."""
    taxed = rules.with_tax_code(line, default_tax_code(store)["id"])
    id_ = taxed["taxConfig"]["taxCodeId"]
    if tax_code(store, id_) is None:
        raise rules.unknown_tax_code(id_)
    return taxed


def _new_gathering(store: Store, customer: Customer, currency: str) -> Invoice:
    number = new_number(store, GATHERING, customer_name=customer["name"], currency=currency)
    apps = profile_of_customer(store, customer["id"])["apps"]
    now = text_of(store.now())
    return new_gathering(customer["id"], currency, number, apps=apps, id_=store.new_id(), now=now)
