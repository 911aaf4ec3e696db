"""What both versions of the API do alike: values, resets."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from devkit.embedded.domain.entitlement_inputs import body_instant
from devkit.embedded.domain.entitlement_views import Balance
from devkit.embedded.domain.entitlements import Entitlement, is_active
from devkit.embedded.domain.entitlements import unknown as unknown_entitlement
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.store.entitlements import find_entitlement
from devkit.embedded.workflows.balances import balance_at
from devkit.embedded.workflows.resetting import reset_usage

View = Callable[[Entitlement, Balance | None], dict[str, Any]]


def value_at(call: Call, entitlement: Entitlement, at: datetime, view: View) -> dict[str, Any] | None:
    """The value at an instant; None where the entitlement is not active then.

    Raises Plain (404) for a metered one that is deleted by now: its balance is gone.
    """
    if not is_active(entitlement, at):
        return None
    if entitlement["type"] != "metered":
        return view(entitlement, None)
    if find_entitlement(call.store, entitlement["id"]) is None:
        raise unknown_entitlement(entitlement["id"], call.settings.namespace)
    return view(entitlement, balance_at(call.store, entitlement, at))


def reset(call: Call, entitlement: Entitlement) -> Reply:
    """Answers a ResetEntitlementUsageInput."""
    given = call.body.get("effectiveAt")
    reset_usage(
        call.store,
        entitlement,
        call.store.now() if given is None else body_instant(given),
        retain_anchor=call.body.get("retainAnchor") or False,
        preserve_overage=call.body.get("preserveOverage"),
    )
    return Reply(204)
