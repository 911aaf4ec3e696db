"""Do the pack and the server mean the same? The server says more than it was told, and says some of it otherwise."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_INTERVALS = {"DAY": "P1D", "WEEK": "P1W", "MONTH": "P1M", "YEAR": "P1Y"}
_TELLING = (  # fields whose absence in a nested part of the pack means that there is none
    "description",
    "discounts",
    "entitlementTemplate",
    "featureKey",
    "maximumAmount",
    "minimumAmount",
    "taxConfig",
    "upToAmount",
)


def covers(wanted: Any, there: Any) -> bool:
    """Does the server's value hold all that the pack's says? Lists are compared item by item."""
    if isinstance(wanted, Mapping):
        found = there if isinstance(there, Mapping) else {}
        extra = [name for name in _TELLING if name not in wanted and found.get(name)]
        return not extra and all(covers(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        items = there if isinstance(there, Sequence) and not isinstance(there, str) else ()
        return len(wanted) == len(items) and all(map(covers, wanted, items))
    return bool(_plain(wanted) == _plain(there))


def _plain(value: Any) -> Any:
    """Numbers as decimals, times as instants, the names of intervals as durations."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _INTERVALS.get(text, text)


def same_text_map(wanted: Any, there: Any) -> bool:
    """Metadata is replaced as a whole, so nothing may be left over."""
    return bool((wanted or {}) == (there or {}))
