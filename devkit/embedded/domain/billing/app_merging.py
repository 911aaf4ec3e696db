"""What an app said of an invoice, written into the invoice."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.billing.app_results import Finalized, Upserted
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.lines import Line


def with_upserted(invoice: Invoice, upserted: Upserted) -> Invoice:
    """The invoice with its number and the ids that the other system gave to it and to its lines."""
    return {
        **invoice,
        **({"number": upserted.invoice_number} if upserted.invoice_number else {}),
        **_external_ids(invoice, "invoicing", upserted.external_id),
        "lines": [_with_ids(line, upserted) for line in invoice["lines"]],
    }


def with_finalized(invoice: Invoice, finalized: Finalized) -> Invoice:
    """The invoice with its final number, the id of its payment and when the customer got it."""
    told = {"number": finalized.invoice_number, "sentToCustomerAt": finalized.sent_to_customer_at}
    return {
        **invoice,
        **{name: text for name, text in told.items() if text},
        **_external_ids(invoice, "payment", finalized.payment_external_id),
    }


def _with_ids(line: Line, upserted: Upserted) -> Line:
    children = [_with_id(child, upserted.line_external_ids) for child in line.get("children", ())]
    discounts = [_with_id(discount, upserted.discount_external_ids) for discount in line.get("usageDiscounts", ())]
    return {
        **_with_id(line, upserted.line_external_ids),
        **({"children": children} if "children" in line else {}),
        **({"usageDiscounts": discounts} if discounts else {}),
    }


def _with_id(document: dict[str, Any], external_ids: Mapping[str, str]) -> dict[str, Any]:
    return document | _external_ids(document, "invoicing", external_ids.get(document["id"], ""))


def _external_ids(document: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    return {"externalIds": document.get("externalIds", {}) | {name: value}} if value else {}
