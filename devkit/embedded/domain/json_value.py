"""What ClickHouse's JSON_VALUE and toFloat64OrNull make of an event's data: the reference for the SQL in store/usage.

Nothing at run time goes through here but tests and whoever wants to know why an event counted as it did.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from devkit.embedded.domain.go_numbers import json_number
from devkit.embedded.domain.jsonpath import Elements, Member, Path

_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SMALLEST_INT, _LARGEST_INT = -(2**63), 2**64 - 1
_PLAIN_DIGITS = 21


def json_value(data: str, path: Path) -> str:
    """The first scalar that the path leads to, as text; `null` for JSON's null, empty where there is none.

    data: canonical JSON text, or empty.
    """
    if not data:
        return ""
    for found in _matches(json.loads(data), path):
        if not isinstance(found, dict | list):
            return _text(found)
    return ""


def to_float(text: str) -> float | None:
    """The number that the whole text is, None where it is none or not finite."""
    if not _FLOAT.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def float_text(number: float) -> str:
    """Shortest digits, with an exponent where that is shorter; large numbers up to 1e21 have all their digits."""
    mantissa, _, exponent = _shortest(number).partition("e")
    power = int(exponent)
    if -4 < power < _PLAIN_DIGITS or (power == -4 and "." in mantissa):
        return json_number(number)
    return f"{mantissa}e{power:+03d}"


def _shortest(number: float) -> str:
    return next(text for digits in range(17) if float(text := f"{number:.{digits}e}") == number)


def _matches(value: Any, path: Path) -> Iterator[Any]:
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    if isinstance(step, Member):
        if isinstance(value, dict) and step.name in value:
            yield from _matches(value[step.name], rest)
    elif isinstance(value, list):
        for element in _elements(value, step):
            yield from _matches(element, rest)


def _elements(values: list[Any], step: Elements) -> Iterator[Any]:
    for start, end in step.ranges:
        yield from values[start:end]


def _text(scalar: Any) -> str:
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, str):
        return scalar
    if isinstance(scalar, int) and _SMALLEST_INT <= scalar <= _LARGEST_INT:
        return str(scalar)
    return float_text(float(scalar))
