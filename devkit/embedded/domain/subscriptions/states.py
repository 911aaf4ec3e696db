"""The states of a subscription, and what may be done to it in each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devkit.embedded.domain.errors import Forbidden
from devkit.embedded.domain.instants import instant

SCHEDULED, ACTIVE, CANCELED, INACTIVE = "scheduled", "active", "canceled", "inactive"
_ALLOWED = {"update": ACTIVE, "cancel": ACTIVE, "continue": CANCELED, "delete": SCHEDULED}


def status(subscription: Mapping[str, Any], now: datetime) -> str:
    """Its state at the moment; what is deleted is inactive."""
    if "deletedAt" in subscription and instant(subscription["deletedAt"]) <= now:
        return INACTIVE
    if instant(subscription["activeFrom"]) > now:
        return SCHEDULED
    if "activeTo" not in subscription:
        return ACTIVE
    return CANCELED if instant(subscription["activeTo"]) > now else INACTIVE


def check(subscription: Mapping[str, Any], action: str, now: datetime) -> None:
    """action: `update`, `cancel`, `continue` or `delete`. Raises Forbidden."""
    found = status(subscription, now)
    if _ALLOWED[action] != found:
        raise Forbidden(f"transition {action} in state {found} not allowed")
