"""Whole lists of OpenMeter, page by page."""

from collections.abc import Iterator
from typing import Any

from devkit.adapters.openmeter import OpenMeter

_PAGE = 1000


def everything(openmeter: OpenMeter, operation: str, **query: Any) -> Iterator[dict[str, Any]]:
    """All items of a list. Raises ApiError and UnreachableError."""
    page = 1
    while True:
        items = openmeter.call(operation, query={**query, "page": page, "pageSize": _PAGE})["items"]
        yield from items
        if len(items) < _PAGE:
            return
        page += 1
