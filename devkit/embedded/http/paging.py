"""The page of a list, in the envelope of OpenMeter's first kind of paging."""

from collections.abc import Mapping, Sequence
from typing import Any

DEFAULT_SIZE = 100


def window(query: Mapping[str, Any]) -> tuple[int, int]:
    """How many items the page that the query asks for has at most, and how many come before it."""
    page, size = query.get("page", 1), query.get("pageSize", DEFAULT_SIZE)
    return size, (page - 1) * size


def envelope(items: Sequence[Any], total: int, query: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope of a page that was cut already; total: how many items all pages have."""
    return {
        "pageSize": query.get("pageSize", DEFAULT_SIZE),
        "page": query.get("page", 1),
        "totalCount": total,
        "items": items,
    }


def page_of(items: Sequence[Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope with the items of the page that the query asks for; a page past the end is empty."""
    size, start = window(query)
    return envelope(items[start : start + size], len(items), query)
