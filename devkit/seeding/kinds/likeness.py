"""Do the pack and the server mean the same? The server says more than it was told, and says some of it otherwise."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

Apart = tuple[str, Any, Any]  # where, what the server says there, what the pack says

_INTERVALS = {"DAY": "P1D", "WEEK": "P1W", "MONTH": "P1M", "YEAR": "P1Y"}
_DURATION = re.compile(r"P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(?:T(\d+H)?(\d+M)?(\d+S)?)?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_TELLING = (  # fields whose absence in a nested part of the pack means that there is none
    "description",
    "discounts",
    "entitlementTemplate",
    "featureKey",
    "issueAfterResetPriority",
    "maximumAmount",
    "metadata",
    "minimumAmount",
    "taxConfig",
    "upToAmount",
)


def covers(wanted: Any, there: Any) -> bool:
    """Does the server's value hold all that the pack's says? Lists of things with keys are compared by key."""
    return next(apart("", wanted, there), None) is None


def apart(path: str, wanted: Any, there: Any) -> Iterator[Apart]:
    """Where two values differ, as deep down as can be told."""
    if isinstance(wanted, Mapping):
        yield from _mappings_apart(path, wanted, there)
    elif isinstance(wanted, Sequence) and not isinstance(wanted, str):
        yield from _lists_apart(path, wanted, there)
    elif _plain(wanted) != _plain(there):
        yield path, there, wanted


def _mappings_apart(path: str, wanted: Mapping[str, Any], there: Any) -> Iterator[Apart]:
    if not isinstance(there, Mapping):
        if wanted:
            yield path, there, wanted
        return
    for name in _TELLING:
        if name not in wanted and there.get(name):
            yield f"{path}.{name}", there[name], None
    for name, value in wanted.items():
        yield from apart(f"{path}.{name}", value, there.get(name))


def _lists_apart(path: str, wanted: Sequence[Any], there: Any) -> Iterator[Apart]:
    items = there if isinstance(there, Sequence) and not isinstance(there, str) else ()
    if all(isinstance(item, Mapping) and "key" in item for item in (*wanted, *items)):
        ours, theirs = ({str(item["key"]): item for item in side} for side in (wanted, items))
        for key in dict.fromkeys((*ours, *theirs)):
            if key in ours and key in theirs:
                yield from apart(f"{path}[{key}]", ours[key], theirs[key])
            else:
                yield f"{path}[{key}]", theirs.get(key), ours.get(key)
    elif len(wanted) != len(items):
        yield path, there, wanted
    else:
        for index, (value, item) in enumerate(zip(wanted, items, strict=True)):
            yield from apart(f"{path}[{index}]", value, item)


def _plain(value: Any) -> Any:
    """Numbers as decimals, times as instants, durations without their empty parts and whatever their spelling."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if duration := _DURATION.fullmatch(text := _INTERVALS.get(text, text)):
        return tuple(int((part or "0?")[:-1]) for part in duration.groups())
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def same_text_map(wanted: Any, there: Any) -> bool:
    """Metadata is replaced as a whole, so nothing may be left over."""
    return bool((wanted or {}) == (there or {}))
