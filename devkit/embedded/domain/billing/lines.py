"""The lines of invoices as they are stored, and as the API shows them.

A line in store:
    id, name, description?, metadata?, createdAt, updatedAt, deletedAt?, managedBy, currency, period {from, to},
    invoiceAt, price, featureKey?, taxConfig?, externalIds? {invoicing}
    discounts?       as asked for: {percentage?: {percentage, correlationId}, usage?: {quantity, correlationId}}
    chargeId?        the charge (domain/billing/charges.py) that the line bills; the parts of a split line share it
    realization?     how far the run of a metered line on a standard invoice is: `started` (an update added it),
                     `waiting_for_collection` or `processing` (collected)
    collectionAt?    when all that such a line counts is known
    subscription?    {subscriptionId, phaseId, itemId, billingPeriod {from, to}} where a subscription made it
    fullPeriod?      {from, to} that the fee of such a line is for, where a shorter line costs less
    quantity?, meteredQuantity?, preLinePeriodQuantity?, meteredPreLinePeriodQuantity?   numerics, since the snapshot
    usageDiscounts?  what usage discounts took: [{id, createdAt, updatedAt, quantity, preLinePeriodQuantity?, reason}]
    totals           numerics; a line that was never rated has none
    children         the detailed lines: [{id, name, description?, createdAt, updatedAt, category, paymentTerm, period,
                     perUnitAmount, quantity, totals, externalIds?, uniqueReferenceId, discounts?}]; a child takes
                     all else from its line. `uniqueReferenceId` tells it apart from the others of its line and is the
                     same at every rating; `discounts` is never shown.
The lines of gathering invoices have neither quantities nor totals nor children: those are made at every read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Line = dict[str, Any]
Child = dict[str, Any]

MANUAL = "manual"
SUBSCRIPTION = "subscription"
#: How far the run of a metered line is.
STARTED, WAITING, COLLECTED = "started", "waiting_for_collection", "processing"
TOTALS = (
    "amount",
    "chargesTotal",
    "creditsTotal",
    "discountsTotal",
    "taxesExclusiveTotal",
    "taxesInclusiveTotal",
    "taxesTotal",
    "total",
)
#: The totals of what costs nothing, and those of what was never rated.
NOTHING: Mapping[str, str] = dict.fromkeys(TOTALS, "0")
UNRATED: Mapping[str, str] = dict.fromkeys(TOTALS, "")
_QUANTITIES = ("quantity", "meteredQuantity", "preLinePeriodQuantity", "meteredPreLinePeriodQuantity")
_OPTIONAL = ("description", "metadata", "deletedAt", "taxConfig", "featureKey", "externalIds")


def is_flat(line: Line) -> bool:
    """Whether its price is a flat fee; all others are on a meter."""
    return bool(line["price"]["type"] == "flat")


def is_edited(line: Line) -> bool:
    """Whether a subscription made it and someone changed it since: what becomes of the subscription leaves it alone."""
    return "subscription" in line and line["managedBy"] == MANUAL and "deletedAt" not in line


def live(lines: Iterable[Line]) -> list[Line]:
    """Those that are not deleted."""
    return [line for line in lines if "deletedAt" not in line]


def in_order(lines: Iterable[Line]) -> list[Line]:
    """The order of the lines of a standard invoice: by name, start and id."""
    return sorted(lines, key=lambda line: (line["name"], line["period"]["from"], line["id"]))


def shown(line: Line, invoice_id: str) -> dict[str, Any]:
    """An InvoiceLine of a standard invoice or of the preview of a gathering one."""
    quantities = {name: line[name] for name in _QUANTITIES if name in line}
    usage = {"discounts": {"usage": line["usageDiscounts"]}} if line.get("usageDiscounts") else {}
    children = [_child_shown(child, line, invoice_id) for child in line.get("children", ())]
    totals = {"totals": line.get("totals", NOTHING)}
    return _shown(line, invoice_id) | totals | quantities | usage | {"children": children}


def pending_shown(line: Line, invoice_id: str) -> dict[str, Any]:
    """A line of a gathering invoice as the answers to changes show it: not rated."""
    return _shown(line, invoice_id) | {"totals": UNRATED}


def _shown(line: Line, invoice_id: str) -> dict[str, Any]:
    optional = {name: line[name] for name in _OPTIONAL if line.get(name) not in (None, {})}
    card = {"price": line["price"]} | {name: line[name] for name in ("featureKey", "taxConfig") if line.get(name)}
    always = {
        name: line[name]
        for name in ("id", "name", "managedBy", "currency", "period", "invoiceAt", "createdAt", "updatedAt", "price")
    }
    source = {"subscription": _subscription(line["subscription"])} if "subscription" in line else {}
    fixed = {"type": "usage_based", "status": "valid", "invoice": {"id": invoice_id}}
    return always | fixed | optional | {"rateCard": card} | source


def _subscription(source: Mapping[str, Any]) -> dict[str, Any]:
    """OpenMeter answers with the ids of subscription and item in each other's place."""
    return {
        "subscription": {"id": source["itemId"]},
        "phase": {"id": source["phaseId"]},
        "item": {"id": source["subscriptionId"]},
        "billingPeriod": source["billingPeriod"],
    }


def _child_shown(child: Child, line: Line, invoice_id: str) -> dict[str, Any]:
    own = {name: value for name, value in child.items() if name not in ("discounts", "uniqueReferenceId")}
    tax = {"taxConfig": line["taxConfig"]} if line.get("taxConfig") else {}
    price = {"type": "flat", "amount": child["perUnitAmount"], "paymentTerm": child["paymentTerm"]}
    return {
        **own,
        **tax,
        "type": "flat_fee",
        "status": "detailed",
        "managedBy": "system",
        "currency": line["currency"],
        "invoiceAt": line["invoiceAt"],
        "invoice": {"id": invoice_id},
        "rateCard": {"price": price, "quantity": child["quantity"], **tax},
    }
