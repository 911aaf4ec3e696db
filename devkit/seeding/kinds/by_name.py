"""Resources that have no key and are known by their names; where several share one, the oldest is meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.kinds.kind import Found

_PAGE = 1000


def everything(client: OpenMeter, operation: str, **query: Any) -> Iterator[Found]:
    """All items of a list, page by page, the oldest first."""
    page = 1
    while True:
        asked = {**query, "orderBy": "createdAt", "order": "ASC", "page": page, "pageSize": _PAGE}
        items = client.call(operation, query=asked)["items"]
        yield from items
        if len(items) < _PAGE:
            return
        page += 1


def by_name(client: OpenMeter, operation: str, **query: Any) -> Mapping[str, Found]:
    found: dict[str, Found] = {}
    for item in everything(client, operation, **query):
        found.setdefault(str(item["name"]), item)
    return found
