"""The custom invoicing app: the integrator carries the invoices over and tells so through the API.

With a hook enabled the invoice waits until its metadata say that the integrator is done (tags/app_custom_invoicing.py).
"""

from devkit.embedded.domain.billing.app_results import Finalized, Triggered, Upserted
from devkit.embedded.domain.billing.custom_invoicing import DRAFT_SYNCED_AT, FINALIZED_AT
from devkit.embedded.domain.billing.invoice_numbers import CUSTOM_INVOICING, is_draft_number
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoice_numbers import new_number


class CustomInvoicing:
    """See protocol.InvoicingApp."""

    type = "custom_invoicing"

    def __init__(self, store: Store, app: Document) -> None:
        self._store = store
        self._app = app

    def validate(self, invoice: Document) -> None:
        """The integrator says what is wrong, through the API."""

    def upsert(self, invoice: Document) -> Upserted:  # noqa: ARG002 - the integrator does it
        return Upserted()

    def finalize(self, invoice: Document) -> Finalized:
        if not self.can_issuing_sync_advance(invoice) or not is_draft_number(invoice["number"]):
            return Finalized()
        name = invoice["customer"]["name"]
        number = new_number(self._store, CUSTOM_INVOICING, customer_name=name, currency=invoice["currency"])
        return Finalized(invoice_number=number)

    def delete(self, invoice: Document) -> None:
        """The integrator does it."""

    def post_advance(self, invoice: Document) -> Triggered | None:  # noqa: ARG002 - payments come through the API
        return None

    def can_draft_sync_advance(self, invoice: Document) -> bool:
        return not self._app["enableDraftSyncHook"] or DRAFT_SYNCED_AT in invoice.get("metadata", {})

    def can_issuing_sync_advance(self, invoice: Document) -> bool:
        return not self._app["enableIssuingSyncHook"] or FINALIZED_AT in invoice.get("metadata", {})
