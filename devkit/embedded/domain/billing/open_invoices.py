"""Invoices that are not finished: what they stand in the way of."""

from collections.abc import Iterable

from devkit.embedded.domain.billing.invoice_states import FINAL
from devkit.embedded.domain.billing.invoices import Invoice, is_gathering


def why_customer_stays(invoices: Iterable[Invoice]) -> list[str]:
    """What keeps a customer from being deleted: lines still to be invoiced, and open invoices.

    invoices: the live ones of the customer
    """
    return [problem for invoice in invoices if (problem := _problem(invoice)) is not None]


def _problem(invoice: Invoice) -> str | None:
    if is_gathering(invoice):
        return f"invoice {invoice['id']} is still in gathering state"
    if invoice["status"] in FINAL:
        return None
    return f"invoice {invoice['id']} is not in final state, please either delete the invoice or mark it uncollectible"
