"""What is known by its name in OpenMeter's lists."""

from collections.abc import Mapping
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.kinds.kind import Found

OLDEST_FIRST: Mapping[str, str] = {"orderBy": "createdAt", "order": "ASC"}


def by_name(client: OpenMeter, operation: str, **query: Any) -> Mapping[str, Found]:
    """Where several share a name, the oldest is meant."""
    found: dict[str, Found] = {}
    for item in client.everything(operation, **OLDEST_FIRST, **query):
        found.setdefault(str(item["name"]), item)
    return found
