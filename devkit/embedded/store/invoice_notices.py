"""What rules about invoices have yet to be told: documents of kind `invoice-notice` with the invoice as it was then.

The ref `pending` is there while a notice is; one that was taken keeps nothing of its invoice.
"""

from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.notifications.rules import INVOICE_CREATED, INVOICE_UPDATED
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.notifications import active_rules
from devkit.embedded.store.store import Store

_KIND = "invoice-notice"
_PENDING = "pending"


def note_created(store: Store, invoice: Invoice) -> None:
    """A standard invoice was made, and has gone as far as it goes by itself."""
    _note(store, INVOICE_CREATED, invoice)


def note_updated(store: Store, invoice: Invoice) -> None:
    """A standard invoice went into another state, which it may be about to leave again."""
    _note(store, INVOICE_UPDATED, invoice)


def take_notices(store: Store, limit: int) -> list[tuple[str, Invoice]]:
    """(type of the event, the invoice as it was) of so much of what is to be told, in order; it is told no more."""
    found = store.records.by_ref(_KIND, _PENDING, "yes", limit=limit)
    for notice in found:
        store.records.put(_KIND, {"id": notice["id"], "createdAt": notice["createdAt"]})
    return [(notice["type"], notice["invoice"]) for notice in found]


def _note(store: Store, event_type: str, invoice: Invoice) -> None:
    if not active_rules(store, event_type):
        return
    now = format_instant(store.now())
    notice = {"id": store.new_id(), "createdAt": now, "type": event_type, "invoice": invoice}
    store.records.put(_KIND, notice, refs={_PENDING: ("yes",)})
