"""The seam between the state machine of invoices and the apps that carry invoices to another system.

An app gets the invoice document of store/invoices.py, with its lines, and never changes it: it returns what it learned,
and the state machine merges that. When each method is called, with the operation that names the component
(`app.<type>.invoiceCustomers.<operation>`) of the issues of an AppFailure:

    draft.validating            validate                operation validate
    draft.syncing               upsert                  operation sync
    draft.syncing, to go on     can_draft_sync_advance
    issuing.syncing             upsert, then (issuedAt and dueAt are set in between) finalize   operation finalize
    issuing.syncing, to go on   can_issuing_sync_advance
    delete.syncing              delete                  operation delete
    wherever the chain rests    post_advance            operation post_advance_hook, or that of what it triggers

At each call the issues that the invoice has from the same component are replaced by those of the call.
"""

from typing import Protocol

from devkit.embedded.domain.billing.app_results import Finalized, Triggered, Upserted
from devkit.embedded.store.records import Document


class InvoicingApp(Protocol):
    """One installed app at work. Every method may raise AppFailure; what else it raises rolls everything back."""

    @property
    def type(self) -> str:
        """`sandbox`, `stripe` or `custom_invoicing`."""

    def validate(self, invoice: Document) -> None:
        """Whether the app can serve this invoice."""

    def upsert(self, invoice: Document) -> Upserted:
        """Brings invoice and lines to the other system, new or changed."""

    def finalize(self, invoice: Document) -> Finalized:
        """Makes the invoice, that was just upserted, final there and starts its payment."""

    def delete(self, invoice: Document) -> None:
        """Takes the invoice, that is not final, out of the other system."""

    def post_advance(self, invoice: Document) -> Triggered | None:
        """What to fire in the state in which the chain came to rest; None: nothing. The chain goes on after it."""

    def can_draft_sync_advance(self, invoice: Document) -> bool:
        """Whether draft.syncing is over; False where the other system has to tell so first."""

    def can_issuing_sync_advance(self, invoice: Document) -> bool:
        """Whether issuing.syncing is over; False where the other system has to tell so first."""
