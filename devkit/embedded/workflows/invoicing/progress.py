"""An invoice on its way: the document, the issues found so far, the app that it goes with."""

from collections.abc import Sequence
from datetime import datetime

from devkit.embedded.domain.billing import validation_issues
from devkit.embedded.domain.billing.app_results import Operation, component
from devkit.embedded.domain.billing.invoice_states import Facts
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.issues import Issue, criticals
from devkit.embedded.store.invoices import put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoicing_apps import app_of_invoice


class StepFailed(Exception):  # noqa: N818 - a step of an invoice failed; that is no error of the program
    """The work of a step failed, or a trigger led nowhere. The issues become those of the invoice."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("\n".join(issue.message for issue in issues))
        self.issues = list(issues)


class Progress:
    """One standard invoice while it is worked on. Nothing is stored before `save`."""

    def __init__(self, store: Store, invoice: Invoice) -> None:
        self.store = store
        self.invoice = dict(invoice)
        self.issues = validation_issues.read(invoice["validationIssues"])
        self.app = app_of_invoice(store, invoice)

    @property
    def status(self) -> str:
        return str(self.invoice["status"])

    @property
    def now(self) -> str:
        return text_of(self.store.now())

    def facts(self) -> Facts:
        """What the guards of the transitions ask."""
        return Facts(
            now=self.store.now(),
            auto_advance=self.invoice["workflow"]["invoicing"]["autoAdvance"],
            collection_at=self._moment("collectionAt"),
            draft_until=self._moment("draftUntil"),
            critical=bool(criticals(self.issues)),
            draft_synced=self.app.can_draft_sync_advance(self.invoice),
            issuing_synced=self.app.can_issuing_sync_advance(self.invoice),
        )

    def merge(self, name: str, found: Sequence[Issue]) -> None:
        """What a component found now replaces what it found before."""
        self.issues = validation_issues.merged(self.issues, name, found)

    def merge_of_app(self, operation: Operation, found: Sequence[Issue] = ()) -> None:
        """The same for the app of the invoice."""
        self.merge(component(self.app.type, "invoiceCustomers", operation), found)

    def save(self) -> Invoice:
        """Stores the invoice as it stands, and returns it."""
        now = self.now
        known = self.invoice["validationIssues"]
        stored = validation_issues.kept(self.issues, known, new_id=self.store.new_id, now=now)
        self.invoice = self.invoice | {"validationIssues": stored, "updatedAt": now}
        put_invoice(self.store, self.invoice)
        return self.invoice

    def _moment(self, name: str) -> datetime | None:
        return instant(self.invoice[name]) if name in self.invoice else None
