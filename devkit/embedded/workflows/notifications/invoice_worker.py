"""Tells rules about invoices: of new ones, and of every state that one went through."""

import logging

from devkit.embedded.domain.errors import Refusal
from devkit.embedded.domain.notifications import events
from devkit.embedded.store.invoice_notices import take_notices
from devkit.embedded.store.notifications import active_rules
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoice_views import invoice_shown
from devkit.embedded.workflows.notifications.raising import raise_event

_log = logging.getLogger(__name__)


def tell_invoices(store: Store, namespace: str, limit: int) -> int:
    """Makes the events of invoices that were noted since the last time, of so many at most; returns of how many."""
    notices = take_notices(store, limit)
    for event_type, invoice in notices:
        try:
            shown = invoice_shown(store, invoice, namespace)
        except Refusal as refusal:
            _log.warning("invoice %s cannot be told: %s", invoice["id"], refusal.detail)
            continue
        annotations = {events.INVOICE_ID: invoice["id"], events.INVOICE_NUMBER: invoice["number"]}
        for rule in active_rules(store, event_type):
            raise_event(store, rule, shown, annotations)
    return len(notices)
