"""How OpenMeter reads a value of an event's data: as text for groups and unique values, as a number for the rest."""

import math
import re
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PROPERTY = re.compile(r"""\$\s*(?:\.\s*(?:(\w+)|"([^"]+)")|\[\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z_]\w*))\s*\])\s*""")


def property_of(path: str) -> str | None:
    """The name of a top-level property that a JSON path leads to, None for deeper paths."""
    match = _PROPERTY.fullmatch(path)
    return next((name for name in match.groups() if name is not None), None) if match else None


def text_of(value: Any) -> str:
    """The text of a scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)
    return str(value)


def number_of(value: Any) -> float | None:
    """The number that a scalar counts as, None where it counts as none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else math.nan
    number = float(value)
    return number if math.isfinite(number) else None
