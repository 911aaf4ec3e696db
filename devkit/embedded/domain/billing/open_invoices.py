"""Invoices that are not finished: what they stand in the way of."""

from collections.abc import Iterable

from devkit.embedded.domain.billing.invoice_states import FINAL
from devkit.embedded.domain.billing.invoices import Invoice, is_gathering
from devkit.embedded.domain.errors import Invalid


def check_customer_may_go(invoices: Iterable[Invoice]) -> None:
    """A customer with lines still to be invoiced or with an open invoice stays. Raises Invalid.

    invoices: the live ones of the customer
    """
    if problems := [problem for invoice in invoices if (problem := _problem(invoice)) is not None]:
        raise Invalid("\n".join(problems))


def _problem(invoice: Invoice) -> str | None:
    if is_gathering(invoice):
        return f"invoice {invoice['id']} is still in gathering state"
    if invoice["status"] in FINAL:
        return None
    return f"invoice {invoice['id']} is not in final state, please either delete the invoice or mark it uncollectible"
