"""Lists of objects, a page at a time."""

from collections.abc import Sequence
from typing import Any

from devkit.standins.stripe.account import Object
from devkit.standins.stripe.errors import StripeError, missing
from devkit.standins.stripe.fields import INTEGER, TEXT, Fields, read
from devkit.standins.stripe.forms import Params

PAGING: Fields = {"limit": INTEGER, "starting_after": TEXT, "ending_before": TEXT}

_MOST = 100


def page(found: Sequence[Object], params: Params, url: str, filters: Fields | None = None) -> Object:
    """The page that the parameters ask for, of those objects that have the filtered members. Raises StripeError."""
    values = read(params, {**PAGING, **(filters or {})})
    limit, after, before = (values.pop(name, None) for name in PAGING)
    kept = [one for one in found if all(one.get(name) == value for name, value in values.items())]
    limit = 10 if limit is None else limit
    if not 1 <= limit <= _MOST:
        raise StripeError(400, f"Invalid limit: {limit}, must be between 1 and {_MOST}", param="limit")
    if before is not None:
        rest = kept[: _index(kept, before)]
        return _page(rest[-limit:], has_more=len(rest) > limit, url=url)
    rest = kept[_index(kept, after) + 1 :] if after is not None else kept
    return _page(rest[:limit], has_more=len(rest) > limit, url=url)


def _index(found: Sequence[Object], id_: str) -> int:
    for index, one in enumerate(found):
        if one["id"] == id_:
            return index
    raise missing(found[0]["object"] if found else "object", id_)


def _page(data: Sequence[Object], *, has_more: bool, url: str) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": has_more, "data": list(data)}
