"""What an event about an entitlement tells beside the balance: whose it is, and under which words it is found."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.notifications import events
from devkit.embedded.domain.timestamps import ZERO


def subject_key(customer: Mapping[str, Any]) -> str:
    """The subject that stands for the customer; empty where it has none."""
    return str(min((customer.get("usageAttribution") or {}).get("subjectKeys") or [""]))


def unknown_subject(key: str) -> dict[str, Any]:
    """A subject that nobody keeps."""
    never = text_of(ZERO)
    return {"id": "", "key": key, "createdAt": never, "updatedAt": never}


def annotations(data: Mapping[str, Any], deduplication_hash: str | None = None) -> dict[str, str]:
    """The annotations of an event with this data."""
    customer, feature, subject = data["customer"], data["feature"], data["subject"]
    found = {
        events.SUBJECT_KEY: subject["key"],
        events.SUBJECT_ID: subject["id"] or None,
        events.CUSTOMER_ID: customer["id"],
        events.CUSTOMER_KEY: customer.get("key"),
        events.FEATURE_KEY: feature["key"],
        events.FEATURE_ID: feature["id"],
        events.DEDUPLICATION_HASH: deduplication_hash,
    }
    return {name: value for name, value in found.items() if value is not None}
