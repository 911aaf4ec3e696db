"""Gathering invoices as reads show them: made complete and rated with the usage of the moment. Nothing is stored."""

from typing import Any

from devkit.embedded.domain.billing import charges
from devkit.embedded.domain.billing.invoice_dates import dated
from devkit.embedded.domain.billing.invoices import GATHERING, Invoice, snapshot
from devkit.embedded.domain.billing.lines import Line, live
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.rating.line_rating import NegativeUsage, rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line, totals_of_lines
from devkit.embedded.domain.billing.selection import billable_until
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.timestamps import ZERO, format_seconds
from devkit.embedded.store.charges import get_charge
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.charge_runs import rate_part
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.quantity_snapshots import aggregation_of

_NO_IDENTITY = {"id": "", "createdAt": format_seconds(ZERO), "updatedAt": format_seconds(ZERO)}


def preview(store: Store, invoice: Invoice) -> Invoice:
    """The gathering invoice with all that a standard one has.

    Raises Invalid where a feature has no meter, IssuesFound where a charge would pay back, and InternalFailure for
    other lines that OpenMeter cannot rate.
    """
    customer = find_customer(store, invoice["customerId"])
    if customer is None:
        raise InternalFailure("the invoice has lost its customer")
    profile = profile_of_customer(store, invoice["customerId"])
    pending = live(invoice["lines"])
    lines = [_rated(store, line, profile) for line in pending]
    complete = {
        **invoice,
        **snapshot(customer, profile),
        "lines": lines,
        "totals": totals_of_lines(lines),
        "validationIssues": [],
        "quantitySnapshotedAt": text_of(store.now()),
    }
    return _undated(dated(complete))


def details(store: Store, invoice: Invoice) -> dict[str, Any]:
    """The `statusDetails` of a gathering invoice: it can be invoiced where a line can be."""
    progressive = profile_of_customer(store, invoice["customerId"])["workflow"]["invoicing"]["progressiveBilling"]
    aggregation, now = aggregation_of(store), store.now()
    found = [
        line
        for line in live(invoice["lines"])
        if billable_until(line, now, aggregation, progressive=progressive) is not None
    ]
    actions: dict[str, Any] = {"invoice": {}} if found else {}
    return {"immutable": False, "failed": False, "extendedStatus": GATHERING, "availableActions": actions}


def _rated(store: Store, line: Line, profile: BillingProfile) -> Line:
    now = text_of(store.now())
    if "chargeId" not in line:
        return rated_line(line, rate(line), new_id=store.new_id, now=now)
    if line["period"]["from"] == line["period"]["to"]:
        raise InternalFailure("a metered line without a second of time has no usage")
    charge = get_charge(store, line["chargeId"])
    cutoff = charges.cutoff(charge, line, profile["workflow"]["collection"]["interval"])
    try:
        part = rate_part(store, charge, line, cutoff)
    except NegativeUsage as error:
        raise InternalFailure(str(error)) from error
    rated = _unidentified(rated_line(line, part.rated, new_id=store.new_id, now=now))
    return {**rated, "collectionAt": text_of(cutoff.collection_at)}


def _unidentified(line: Line) -> Line:
    """The usage discounts of a preview are nothing that anyone could refer to."""
    if "usageDiscounts" not in line:
        return line
    return {**line, "usageDiscounts": [{**taken, **_NO_IDENTITY} for taken in line["usageDiscounts"]]}


def _undated(invoice: Invoice) -> Invoice:
    """A gathering invoice has no draft and nothing to pay."""
    return {name: value for name, value in invoice.items() if name not in ("draftUntil", "dueAt")}
