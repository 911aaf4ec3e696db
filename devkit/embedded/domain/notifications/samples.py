"""The made-up entitlement that the test of a rule tells about; its ids are OpenMeter's own."""

from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.notifications.rules import BALANCE_THRESHOLD
from devkit.embedded.domain.timestamps import ZERO

_CUSTOMER = "01J5AW2XS6DYHH7E9PNJSQJ341"
_FEATURE = "01J5AVN2T6S0RDGJHVNN0BW3F5"
_ENTITLEMENT = "01J5AVNM7H1PT65RDFWGXXPT47"
_SUBJECT = "01J5AW0ZD6T8624PCK0Q5TYX71"
_METADATA = {"test-metadata-key": "test-metadata-value"}
_NEVER = text_of(ZERO)


def entitlement_data(event_type: str, now: datetime) -> dict[str, Any]:
    """The data of the test event of a rule about entitlements."""
    created, updated = text_of(now - timedelta(hours=24)), text_of(now - timedelta(hours=12))
    stamps = {"createdAt": created, "updatedAt": updated}
    data = {
        "customer": _customer(stamps),
        "entitlement": _entitlement(stamps, start=created, end=updated),
        "feature": _feature(stamps),
        "subject": _subject(start=updated, end=created),
        "value": {"balance": 10000, "hasAccess": True, "overage": 99, "usage": 5001},
    }
    return data | ({"threshold": {"type": "PERCENT", "value": 50}} if event_type == BALANCE_THRESHOLD else {})


def _customer(stamps: dict[str, str]) -> dict[str, Any]:
    attribution = {"subjectKeys": ["test-subject-1"]}
    return {
        **stamps,
        "id": _CUSTOMER,
        "key": "test-customer-1",
        "name": "Test Customer 1",
        "usageAttribution": attribution,
    }


def _entitlement(stamps: dict[str, str], *, start: str, end: str) -> dict[str, Any]:
    return {
        **stamps,
        "id": _ENTITLEMENT,
        "type": "metered",
        "activeFrom": _NEVER,
        "currentUsagePeriod": {"from": start, "to": end},
        "featureId": _FEATURE,
        "featureKey": "test-feature-1",
        "isSoftLimit": False,
        "isUnlimited": True,
        "issueAfterReset": 10,
        "issueAfterResetPriority": 5,
        "lastReset": _NEVER,
        "measureUsageFrom": _NEVER,
        "metadata": _METADATA,
        "preserveOverageAtReset": True,
        "subjectKey": "test-subject-1",
        "usagePeriod": {"anchor": start, "interval": "DAY", "intervalISO": "P1D"},
    }


def _feature(stamps: dict[str, str]) -> dict[str, Any]:
    return {
        **stamps,
        "id": _FEATURE,
        "key": "test-feature-1",
        "metadata": _METADATA,
        "meterSlug": "test-meter-1",
        "name": "test-meter-1",
    }


def _subject(*, start: str, end: str) -> dict[str, Any]:
    return {
        "id": _SUBJECT,
        "key": "test-subject-1",
        "createdAt": _NEVER,
        "updatedAt": _NEVER,
        "currentPeriodStart": start,
        "currentPeriodEnd": end,
        "displayName": "Test Subject 1",
        "metadata": _METADATA,
        "stripeCustomerId": _CUSTOMER,
    }
