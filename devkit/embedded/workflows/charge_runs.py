"""Parts of charges on their way through invoices: rated when the invoice is made, and again when it is collected."""

from dataclasses import dataclass
from decimal import Decimal

from devkit.embedded.domain.billing import charges as rules
from devkit.embedded.domain.billing.charges import Charge, Cutoff, Run
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.lines import COLLECTED, STARTED, WAITING, Line, live
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.rating.line_rating import Metered, NegativeUsage, Rated, rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line, totals_of_lines
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound, Malformed
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.numerics import of_decimal
from devkit.embedded.store.charges import get_charge, put_charge
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.quantity_snapshots import quantity


@dataclass(frozen=True)
class Part:
    """A part of a charge with what it costs.

    quantity: what the meter counted from the start of the charge on
    """

    cutoff: Cutoff
    quantity: Decimal
    rated: Rated


def rate_part(store: Store, charge: Charge, line: Line, cutoff: Cutoff) -> Part:
    """What this part of the charge costs, less what its earlier parts billed.

    Raises NegativeUsage, IssuesFound where it would pay back, and what quantity_snapshots.quantity raises.
    """
    runs = rules.runs_before(charge, cutoff.to)
    used = quantity(store, charge, _customer(store, charge), cutoff)
    billed = [run["children"] for run in runs]
    rated = rate(line, Metered(used, rules.billed_quantity(runs)), billed, final=cutoff.final)
    total = rated.totals.document()["total"]
    if Decimal(total) < 0:
        raise IssuesFound([rules.negative_total(charge, total)])
    if used < rules.billed_quantity(runs):
        raise InternalFailure("less was used than is billed already")
    return Part(cutoff, used, rated)


def bill(store: Store, invoice: Invoice, profile: BillingProfile) -> Invoice:
    """The new standard invoice with its lines rated; each metered one opens a run of its charge. Raises Refusal."""
    lines = [
        begin_run(store, invoice, line, profile) | {"realization": WAITING}
        if "chargeId" in line
        else _rated_fee(store, line)
        for line in invoice["lines"]
    ]
    return {**invoice, "lines": lines, "totals": totals_of_lines(lines)}


def collect_line(store: Store, line: Line) -> Line:
    """The line of a standard invoice with what its meter tells now, up to the cut-off of its run.

    Other lines, and those that do not wait for it, are as they were. Raises Refusal.
    """
    if "deletedAt" in line or line.get("realization") != WAITING:
        return line
    charge = get_charge(store, line["chargeId"])
    run = next(run for run in charge["runs"] if run["lineId"] == line["id"])
    return _run(store, charge, line, run["invoiceId"], rules.cutoff_of(charge, run)) | {"realization": COLLECTED}


def close_runs(store: Store, invoice: Invoice) -> None:
    """The invoice is issued: the next parts of its charges may be invoiced."""
    for line in live(invoice["lines"]):
        if "chargeId" in line:
            _change_run(store, line, {"open": False})


def void_run(store: Store, line: Line) -> Charge:
    """The line is taken off its invoice: what it billed counts no more, and the rest of its charge is given up."""
    charge = _change_run(store, line, {"open": False, "voided": True})
    charge = rules.given_up(charge, now=text_of(store.now()))
    put_charge(store, charge)
    return charge


def begin_run(store: Store, invoice: Invoice, line: Line, profile: BillingProfile) -> Line:
    """The metered line, new on the standard invoice, rated for the first time. Raises Refusal."""
    charge = get_charge(store, line["chargeId"])
    if rules.open_run(charge) is not None:
        text = "an active realization run already exists for this charge"
        raise Malformed(f"line[{line['id']}]: {text}, please finalize any draft invoices for the customer first")
    cutoff = rules.cutoff(charge, line, profile["workflow"]["collection"]["interval"])
    return _run(store, charge, line, invoice["id"], cutoff) | {"realization": STARTED}


def _run(store: Store, charge: Charge, line: Line, invoice_id: str, cutoff: Cutoff) -> Line:
    """The line as its run makes it; the run is kept."""
    part = _billable_part(store, charge, line, cutoff)
    now = text_of(store.now())
    rated = rated_line(line, part.rated, new_id=store.new_id, now=now)
    rated |= {"collectionAt": text_of(cutoff.collection_at)}
    run: Run = {
        "lineId": line["id"],
        "invoiceId": invoice_id,
        "to": text_of(cutoff.to),
        "storedBefore": text_of(cutoff.stored_before),
        "quantity": of_decimal(part.quantity),
        "children": rated["children"],
        "open": True,
        "voided": False,
    }
    put_charge(store, rules.with_run(charge, run, now=now))
    return rated


def _billable_part(store: Store, charge: Charge, line: Line, cutoff: Cutoff) -> Part:
    try:
        part = rate_part(store, charge, line, cutoff)
    except NegativeUsage as error:
        raise Invalid(str(error)) from error
    if part.rated.takes_back:
        raise InternalFailure("OpenMeter fails on invoices with detailed lines that take something back")
    return part


def _rated_fee(store: Store, line: Line) -> Line:
    return rated_line(line, rate(line), new_id=store.new_id, now=text_of(store.now()))


def _change_run(store: Store, line: Line, changes: dict[str, bool]) -> Charge:
    now = text_of(store.now())
    charge = rules.with_run_changed(get_charge(store, line["chargeId"]), line["id"], changes, now=now)
    put_charge(store, charge)
    return charge


def _customer(store: Store, charge: Charge) -> Customer:
    """Its customer, deleted or not."""
    found = find_customer(store, charge["customerId"])
    if found is None:
        raise InternalFailure("the charge has lost its customer")
    return found
