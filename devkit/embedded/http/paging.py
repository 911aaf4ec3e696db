"""The page of a list, in the envelope of OpenMeter's first kind of paging."""

from collections.abc import Mapping, Sequence
from typing import Any

DEFAULT_SIZE = 100


def page_of(items: Sequence[Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope with the items of the page that the query asks for; a page past the end is empty."""
    page, size = query.get("page", 1), query.get("pageSize", DEFAULT_SIZE)
    start = (page - 1) * size
    return {"pageSize": size, "page": page, "totalCount": len(items), "items": items[start : start + size]}
