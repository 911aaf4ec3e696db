"""The sandbox app: it reaches no other system, and its payments end as the metadata of the invoice wishes."""

from collections.abc import Mapping

from devkit.embedded.domain.billing.app_results import Finalized, Triggered, Upserted
from devkit.embedded.domain.billing.invoice_numbers import SANDBOX
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoice_numbers import new_number

TARGET_PAYMENT_STATUS = "openmeter.io/sandbox/target-payment-status"
_PAYMENT_BEGINS = "payment_processing.pending"

_FAILURE = Triggered(
    "failed", "initiate_payment", [Issue("simulated payment failure", code="simulated_payment_failure")]
)
#: What is fired for each wish; without one, or with any other, the invoice is paid.
_OUTCOMES: Mapping[str, Triggered] = {
    "failed": _FAILURE,
    "uncollectible": Triggered("payment_uncollectible"),
    "action_required": Triggered("action_required"),
}


class SandboxInvoicing:
    """See protocol.InvoicingApp."""

    type = "sandbox"

    def __init__(self, store: Store, app: Document) -> None:
        self._store = store
        self._app = app

    def validate(self, invoice: Document) -> None:
        """Nothing is wrong with any invoice."""

    def upsert(self, invoice: Document) -> Upserted:  # noqa: ARG002 - there is no other system
        return Upserted()

    def finalize(self, invoice: Document) -> Finalized:
        number = new_number(
            self._store, SANDBOX, customer_name=invoice["customer"]["name"], currency=invoice["currency"]
        )
        return Finalized(invoice_number=number, sent_to_customer_at=format_instant(self._store.now()))

    def delete(self, invoice: Document) -> None:
        """There is no other system."""

    def post_advance(self, invoice: Document) -> Triggered | None:
        if invoice["status"] != _PAYMENT_BEGINS:
            return None
        wish = invoice.get("metadata", {}).get(TARGET_PAYMENT_STATUS, "")
        return _OUTCOMES.get(wish, Triggered("paid"))

    def can_draft_sync_advance(self, invoice: Document) -> bool:  # noqa: ARG002 - it never waits
        return True

    def can_issuing_sync_advance(self, invoice: Document) -> bool:  # noqa: ARG002 - it never waits
        return True
