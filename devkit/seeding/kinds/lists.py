"""Whole lists of OpenMeter, page by page, and what is known by its name in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.kinds.kind import Found

OLDEST_FIRST: Mapping[str, str] = {"orderBy": "createdAt", "order": "ASC"}
_PAGE = 1000


def everything(client: OpenMeter, operation: str, **query: Any) -> Iterator[Found]:
    """All items of a list."""
    page = 1
    while True:
        items = client.call(operation, query={**query, "page": page, "pageSize": _PAGE})["items"]
        yield from items
        if len(items) < _PAGE:
            return
        page += 1


def by_name(client: OpenMeter, operation: str, **query: Any) -> Mapping[str, Found]:
    """Where several share a name, the oldest is meant."""
    found: dict[str, Found] = {}
    for item in everything(client, operation, **OLDEST_FIRST, **query):
        found.setdefault(str(item["name"]), item)
    return found
