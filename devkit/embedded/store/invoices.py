"""Invoices: documents of kind `invoice`, gathering and standard ones, with their lines (domain/billing/invoices.py).

Refs: `customer`, its id; `gathering`, customer and currency of a gathering one; `status`, the extended status; `line`,
the ids of the lines; `subscription`, the ids of the subscriptions that made lines; `app`, the ids of its apps;
`external`, its id in the system that its app carries it to.
"""

from devkit.embedded.domain.billing.invoices import Invoice, is_gathering
from devkit.embedded.store.store import Store

KIND = "invoice"
SEQUENCE_KIND = "number-sequence"


def find_invoice(store: Store, id_: str) -> Invoice | None:
    """The invoice with this id, deleted ones too."""
    return store.records.get(KIND, id_)


def gathering_invoice(store: Store, customer_id: str, currency: str) -> Invoice | None:
    """The gathering invoice of customer and currency, also where it is deleted: it is used again."""
    found = store.records.by_ref(KIND, "gathering", _gathering_key(customer_id, currency), deleted=True)
    return found[0] if found else None


def gathering_invoices(store: Store, customer_id: str) -> list[Invoice]:
    """The live gathering invoices of the customer, of all currencies, by creation."""
    return [invoice for invoice in invoices_of_customer(store, customer_id) if is_gathering(invoice)]


def invoices_of_customer(store: Store, customer_id: str) -> list[Invoice]:
    """The live invoices of the customer by creation."""
    return store.records.by_ref(KIND, "customer", customer_id)


def invoices_of_subscription(store: Store, subscription_id: str) -> list[Invoice]:
    """The live invoices with a line of the subscription, deleted lines too, by creation."""
    return store.records.by_ref(KIND, "subscription", subscription_id)


def invoices_in_status(store: Store, status: str) -> list[Invoice]:
    """The live invoices with this extended status by creation."""
    return store.records.by_ref(KIND, "status", status)


def invoices_with_app(store: Store, app_id: str) -> list[Invoice]:
    """The live invoices that the app has a role in, by creation."""
    return store.records.by_ref(KIND, "app", app_id)


def invoice_with_external_id(store: Store, external_id: str) -> Invoice | None:
    """The invoice with this id in the system that its app carries it to, also where it is deleted."""
    found = store.records.by_ref(KIND, "external", external_id, deleted=True)
    return found[0] if found else None


def invoice_of_line(store: Store, line_id: str) -> Invoice | None:
    """The live invoice that has the line now."""
    found = store.records.by_ref(KIND, "line", line_id)
    return found[0] if found else None


def put_invoice(store: Store, invoice: Invoice) -> None:
    """Writes an invoice, new or changed."""
    lines = invoice["lines"]
    refs = {
        "customer": [invoice["customerId"]],
        "gathering": [_gathering_key(invoice["customerId"], invoice["currency"])] if is_gathering(invoice) else [],
        "status": [invoice["status"]],
        "line": [line["id"] for line in lines],
        "external": [invoice["externalIds"]["invoicing"]] if invoice.get("externalIds", {}).get("invoicing") else [],
        "app": [app["id"] for app in invoice["apps"].values()],
        "subscription": [line["subscription"]["subscriptionId"] for line in lines if "subscription" in line],
    }
    store.records.put(KIND, invoice, refs=refs)


def next_number(store: Store, sequence: str) -> int:
    """The next number of a sequence, from 1. All customers share them."""
    known = store.records.get(SEQUENCE_KIND, sequence)
    number = known["last"] + 1 if known else 1
    store.records.put(SEQUENCE_KIND, {"id": sequence, "last": number})
    return number


def _gathering_key(customer_id: str, currency: str) -> str:
    return f"{customer_id}/{currency}"
