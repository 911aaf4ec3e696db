"""Invoices as they are stored, and as the API shows them.

An invoice in store:
    id, createdAt, updatedAt, deletedAt?, number, currency, customerId, description?, metadata?
    status           the extended one: `gathering`, `draft.created`, …, `paid`
    lines            domain/billing/lines.py, deleted ones too
    A standard invoice also has what was true when it was made, and what happened to it since:
    customer         {id, key?, name, usageAttribution {subjectKeys}, addresses?}
    supplier         {name, addresses, taxId?}
    profileId, workflow {collection, invoicing, payment, tax}, apps {tax, invoicing, payment: {id}}
    totals           numerics, see domain/billing/lines.py
    period? {from, to}, collectionAt?, draftUntil?, dueAt?, issuedAt?, voidedAt?, sentToCustomerAt?,
    quantitySnapshotedAt?, externalIds? {invoicing?, payment?}
    validationIssues [{id, createdAt, updatedAt, severity, message, component, code?, field?}]
    A gathering invoice takes customer, supplier, workflow and apps from the present at every read; its own `apps` are
    those that it began with.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.billing import lines as line_rules
from devkit.embedded.domain.billing.lines import NOTHING, UNRATED, Line
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.customers import Customer

Invoice = dict[str, Any]

GATHERING = "gathering"
#: The first status of a standard invoice.
CREATED = "draft.created"
_ALWAYS = ("id", "createdAt", "updatedAt", "number", "currency")
_MOMENTS = ("deletedAt", "draftUntil", "dueAt", "issuedAt", "voidedAt", "sentToCustomerAt", "quantitySnapshotedAt")
_OPTIONAL = (*_MOMENTS, "description", "metadata", "period", "externalIds", "validationIssues")


def is_gathering(invoice: Invoice) -> bool:
    return bool(invoice["status"] == GATHERING)


def new_gathering(
    customer_id: str, currency: str, number: str, *, apps: Mapping[str, Any], id_: str, now: str
) -> Invoice:
    """A gathering invoice without lines.

    apps: those of the customer's billing profile now; they cannot be uninstalled while it gathers
    """
    return {
        "id": id_,
        "createdAt": now,
        "updatedAt": now,
        "number": number,
        "currency": currency,
        "customerId": customer_id,
        "status": GATHERING,
        "apps": dict(apps),
        "lines": [],
    }


def new_standard(
    customer: Customer, profile: BillingProfile, currency: str, number: str, *, id_: str, now: str
) -> Invoice:
    """A standard invoice without lines, with its own copy of what customer and profile say now."""
    return {
        "id": id_,
        "createdAt": now,
        "updatedAt": now,
        "number": number,
        "currency": currency,
        "customerId": customer["id"],
        "status": CREATED,
        **snapshot(customer, profile),
        "totals": dict(NOTHING),
        "validationIssues": [],
        "lines": [],
    }


def snapshot(customer: Customer, profile: BillingProfile) -> dict[str, Any]:
    """What an invoice keeps of its customer and of the customer's billing profile."""
    return {
        "customer": party_of(customer),
        "supplier": profile["supplier"],
        "profileId": profile["id"],
        "workflow": profile["workflow"],
        "apps": profile["apps"],
    }


def party_of(customer: Customer) -> dict[str, Any]:
    """The customer of an invoice."""
    party = {name: customer[name] for name in ("id", "key", "name") if name in customer}
    subject_keys = customer.get("usageAttribution", {}).get("subjectKeys", [])
    address = {"addresses": [customer["billingAddress"]]} if "billingAddress" in customer else {}
    return party | {"usageAttribution": {"subjectKeys": subject_keys}} | address


def period_of(lines: Sequence[Line]) -> dict[str, str] | None:
    """From the first start to the last end of the lines that are not deleted; None without any."""
    periods = [line["period"] for line in line_rules.live(lines)]
    if not periods:
        return None
    return {"from": min(period["from"] for period in periods), "to": max(period["to"] for period in periods)}


def status_of(invoice: Invoice) -> str:
    """The short status: `draft` of `draft.created`."""
    return str(invoice["status"]).partition(".")[0]


def shown(
    invoice: Invoice,
    *,
    apps: Mapping[str, Any],
    details: Mapping[str, Any],
    with_lines: bool = True,
    with_deleted_lines: bool = False,
) -> dict[str, Any]:
    """The Invoice of a standard one, or of a gathering one that was made complete for a read.

    apps:    by role (tax, invoicing, payment), as the API shows them in full
    details: the `statusDetails`; domain/billing/invoice_states.py knows them
    """
    chosen = invoice["lines"] if with_deleted_lines else line_rules.live(invoice["lines"])
    lines = [line_rules.shown(line, invoice["id"]) for line in line_rules.in_order(chosen)] if with_lines else []
    return {
        **{name: invoice[name] for name in _ALWAYS},
        **{name: invoice[name] for name in _OPTIONAL if invoice.get(name) not in (None, {}, [])},
        "type": "standard",
        "status": status_of(invoice),
        "statusDetails": dict(details),
        "customer": invoice["customer"],
        "supplier": invoice["supplier"],
        "workflow": _workflow(invoice["profileId"], invoice["workflow"]) | {"apps": dict(apps)},
        "totals": invoice["totals"],
        "collectionAt": invoice.get("collectionAt", invoice["createdAt"]),
        **({"lines": lines} if lines else {}),
    }


def gathering_shown(invoice: Invoice, customer: Customer, profile: BillingProfile) -> dict[str, Any]:
    """The Invoice of a gathering one as the answers to changes of it show it: nothing of it is rated."""
    lines = line_rules.live(invoice["lines"])
    period = period_of(lines)
    party = {name: customer[name] for name in ("key", "name") if name in customer}
    return {
        **{name: invoice[name] for name in _ALWAYS},
        **{name: invoice[name] for name in ("deletedAt", "description", "metadata") if invoice.get(name)},
        "type": GATHERING,
        "status": GATHERING,
        "statusDetails": {"immutable": False, "failed": False, "extendedStatus": GATHERING, "availableActions": {}},
        "customer": {"id": "", **party, "usageAttribution": {"subjectKeys": None}},
        "supplier": {},
        "workflow": _workflow(profile["id"], profile["workflow"]),
        "totals": UNRATED,
        **({"period": period, "collectionAt": min(line["invoiceAt"] for line in lines)} if period else {}),
        **({"lines": [line_rules.pending_shown(line, invoice["id"]) for line in lines]} if lines else {}),
    }


def _workflow(profile_id: str, workflow: Mapping[str, Any]) -> dict[str, Any]:
    return {"sourceBillingProfileId": profile_id, "workflow": workflow}
