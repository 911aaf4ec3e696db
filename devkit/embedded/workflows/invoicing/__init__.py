"""Standard invoices from their creation to their payment: what moves them, and what each state does."""

from devkit.embedded.workflows.invoicing.operations import (
    act_on_invoice,
    advance_invoice,
    begin_invoice,
    delete_invoice,
    retry_invoice,
    standard_invoice,
    sync_invoice,
    trigger_invoice,
)

__all__ = [
    "act_on_invoice",
    "advance_invoice",
    "begin_invoice",
    "delete_invoice",
    "retry_invoice",
    "standard_invoice",
    "sync_invoice",
    "trigger_invoice",
]
