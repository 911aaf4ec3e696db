"""Making events."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.notifications import events
from devkit.embedded.domain.notifications.events import Event
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.store.notifications import active_channels, put_event
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
