"""Billing profiles: what a fresh OpenMeter has."""

from typing import Any

BillingProfile = dict[str, Any]

_WORKFLOW = {
    "collection": {"alignment": {"type": "subscription"}, "interval": "PT1H"},
    "invoicing": {
        "autoAdvance": True,
        "draftPeriod": "P0D",
        "dueAfter": "P30D",
        "progressiveBilling": True,
        "subscriptionEndProrationMode": "bill_actual_period",
    },
    "payment": {"collectionMethod": "charge_automatically"},
    "tax": {"enabled": True, "enforced": False},
}


def first_profile(app_id: str, *, id_: str, now: str) -> BillingProfile:
    """The default profile that OpenMeter makes for itself; the app does all of its work."""
    return {
        "id": id_,
        "name": "openmeter-sandbox",
        "description": "Default profile for OpenMeter sandbox",
        "default": True,
        "supplier": {"name": "OpenMeter", "addresses": [{"country": "US"}]},
        "workflow": _WORKFLOW,
        "apps": {role: {"id": app_id} for role in ("tax", "invoicing", "payment")},
        "createdAt": now,
        "updatedAt": now,
    }
