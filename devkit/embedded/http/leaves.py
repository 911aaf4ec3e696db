"""The checks of single values: types, numbers, strings, counts."""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from devkit.core.contract import Schema
from devkit.embedded.http.violations import Violation

_DATE = r"^[0-9]{4}-(0[1-9]|10|11|12)-(0[1-9]|[12][0-9]|3[01])"
#: The formats that kin-openapi checks; it ignores all others.
_STRING_FORMATS = {
    "byte": r"(^$|^[a-zA-Z0-9+/\-_]*=*$)",
    "date": _DATE + "$",
    "date-time": _DATE + r"T([0-1][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)[0-9]{2}:[0-9]{2})$",
}
_INTEGER_FORMATS = {"int32": (-(1 << 31), (1 << 31) - 1), "int64": (-(1 << 63), (1 << 63) - 1)}
_LARGEST_FLOAT = 1.7976931348623157e308


def anything(_: Any) -> Violation | None:
    return None


def wrong_type(wanted: str) -> Callable[[Any], Violation | None]:
    """The check that refuses each value because it has another type."""
    article = "an" if wanted in ("array", "object", "integer") else "a"
    reason = f"value must be {article} {wanted}"
    return lambda _: Violation(reason)


def json_text(value: Any) -> str:
    """JSON as Go's json.Marshal writes it into messages."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def quoted(text: str) -> str:
    """A string as Go's %q prints it, for the printable ones; others as JSON."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text.isprintable() else json_text(text)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression of Go as one of Python: `$` is the end of the text, classes such as `\\d` are ASCII."""
    return re.compile(re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\$", lambda part: part.group(1) or r"\Z", text), re.ASCII)


def short_number(value: float) -> str:
    """A number as Go's %g prints it: the fewest digits, with an exponent from 1e+06 on."""
    if not value:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    mantissa, point = "".join(map(str, digits)), len(digits) + exponent - 1
    minus = "-" if sign else ""
    if -5 < point < 6:
        plain = format(Decimal((0, digits, exponent)), "f")
        return minus + plain
    fraction = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{minus}{mantissa[0]}{fraction}e{'-' if point < 0 else '+'}{abs(point):02d}"


def count_check(schema: Schema, what: str, least: str, most: str) -> Callable[[int], Violation | None] | None:
    """The check of a count (`minItems` and `maxItems` for what=Items), None where the schema bounds none."""
    low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if not low and high is None:
        return None

    def check(count: int) -> Violation | None:
        if count < low:
            return Violation(least % low)
        if high is not None and count > high:
            return Violation(most % high)
        return None

    return check


class StringCheck:
    """Length in characters, then pattern, then format."""

    __slots__ = ("_format", "_length", "_pattern")

    def __init__(self, schema: Schema) -> None:
        self._length = count_check(schema, "Length", "minimum string length is %d", "maximum string length is %d")
        self._pattern = schema.get("pattern", "")
        self._format = schema.get("format", "") if schema.get("format") in _STRING_FORMATS else ""

    def __call__(self, value: str) -> Violation | None:
        if self._length is not None and (found := self._length(len(value))) is not None:
            return found
        if self._pattern and not pattern(self._pattern).search(value):
            return Violation(f'string doesn\'t match the regular expression "{self._pattern}"')
        if self._format and not pattern(_STRING_FORMATS[self._format]).search(value):
            reason = f'string doesn\'t match pattern "{_STRING_FORMATS[self._format]}"'
            return Violation("", origin=f'string doesn\'t match the format "{self._format}": {reason}')
        return None


class NumberCheck:
    """Whole or not, format, bounds, multiple."""

    __slots__ = ("_bounds", "_format", "_multiple", "_whole")

    def __init__(self, schema: Schema) -> None:
        self._whole = schema.get("type") == "integer"
        self._format = schema.get("format", "") if schema.get("format") in _INTEGER_FORMATS else ""
        self._bounds = _bounds(schema)
        self._multiple = schema.get("multipleOf")

    def __call__(self, value: float) -> Violation | None:
        if not -_LARGEST_FLOAT <= value <= _LARGEST_FLOAT:
            reason = f'strconv.ParseFloat: parsing "{value}": value out of range'
            return Violation("", origin=reason)
        if self._whole and value != math.floor(value):
            return Violation("value must be an integer")
        if self._whole and self._format and (found := self._outside(value)) is not None:
            return found
        for holds, reason in self._bounds:
            if not holds(value):
                return Violation(reason)
        if self._multiple and Decimal(str(value)) % Decimal(str(self._multiple)):
            return Violation(f"number must be a multiple of {short_number(self._multiple)}")
        return None

    def _outside(self, value: float) -> Violation | None:
        low, high = _INTEGER_FORMATS[self._format]
        if low <= value <= high:
            return None
        reason = f"value should be between {low} and {high}"
        return Violation("", origin=f'integer doesn\'t match the format "{self._format}": {reason}')


def _bounds(schema: Schema) -> list[tuple[Callable[[float], bool], str]]:
    low, high = schema.get("minimum"), schema.get("maximum")
    found: list[tuple[Callable[[float], bool], str]] = []
    if low is not None and schema.get("exclusiveMinimum"):
        found.append((lambda value: value > low, f"number must be more than {short_number(low)}"))
    if high is not None and schema.get("exclusiveMaximum"):
        found.append((lambda value: value < high, f"number must be less than {short_number(high)}"))
    if low is not None:
        found.append((lambda value: value >= low, f"number must be at least {short_number(low)}"))
    if high is not None:
        found.append((lambda value: value <= high, f"number must be at most {short_number(high)}"))
    return found
