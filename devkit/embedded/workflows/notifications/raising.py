"""Making events: for one rule, or for all rules that an invoice is the business of."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.notifications import events, rules
from devkit.embedded.domain.notifications.events import Event
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.store.notifications import active_channels, active_rules, put_event
from devkit.embedded.store.store import Store

_MESSAGE_LETTERS = string.ascii_letters + string.digits
_MESSAGE_LENGTH = 27


def raise_event(store: Store, rule: Rule, data: Mapping[str, Any], annotations: Mapping[str, Any]) -> Event:
    """Makes an event of the rule and sets it on its way to the active channels of the rule."""
    event = events.create(
        rule,
        data,
        annotations,
        active_channels(store, rule),
        id_=store.new_id(),
        message_id="msg_" + "".join(secrets.choice(_MESSAGE_LETTERS) for _ in range(_MESSAGE_LENGTH)),
        now=store.now(),
    )
    put_event(store, event)
    return event


def invoice_created(store: Store, invoice: Mapping[str, Any]) -> None:
    """Tells the rules about a new standard invoice. invoice: as the API shows it, with its lines"""
    _tell(store, rules.INVOICE_CREATED, invoice)


def invoice_updated(store: Store, invoice: Mapping[str, Any]) -> None:
    """Tells the rules about a standard invoice in another state. invoice: as the API shows it, with its lines"""
    _tell(store, rules.INVOICE_UPDATED, invoice)


def _tell(store: Store, event_type: str, invoice: Mapping[str, Any]) -> None:
    annotations = {events.INVOICE_ID: invoice["id"], events.INVOICE_NUMBER: invoice["number"]}
    for rule in active_rules(store, event_type):
        raise_event(store, rule, invoice, annotations)
