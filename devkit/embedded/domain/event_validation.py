"""What is wrong with a stored event in the eyes of today's meters and customers: the `validationError` of listings."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from devkit.embedded.domain.go_values import quote
from devkit.embedded.domain.value_lookup import MissingError, lookup

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL = re.compile(r"([+-]?)0[xX](?=[0-9a-fA-F_.])((?:_?[0-9a-fA-F])*)\.?((?:[0-9a-fA-F]_?)*)[pP]([+-]?[0-9]+)")
_INFINITY = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)

Meter = Mapping[str, Any]


def validation_error(
    event_type: str, subject: str, data: str, customer_id: str | None, meters: Iterable[Meter]
) -> str | None:
    """The messages in lines; None where there is nothing to say. meters: the live ones. data: as it is stored."""
    concerned = [meter for meter in meters if meter["eventType"] == event_type]
    problems = [problem for meter in concerned if (problem := _problem(meter, data))]
    if not concerned:
        problems.append(f"no meter found for event type: {event_type}")
    if customer_id is None:
        problems.append(f"no customer found for event subject: {subject}")
    return "\n".join(problems) or None


def _problem(meter: Meter, data: str) -> str | None:
    if meter["aggregation"] == "COUNT":
        return None
    reason = _reason(meter, msgspec.json.decode(data) if data else None)
    return reason and f"invalid event: {reason}"


def _reason(meter: Meter, data: Any) -> str | None:
    if data is None:
        return "null and missing value property"
    path = meter.get("valueProperty")
    if path is None:
        return "non count meter value property is missing"
    try:
        value = lookup(data, path)
    except MissingError:
        return f"missing value property: {quote(path)}"
    if value is None:
        return "value cannot be null"
    return None if meter["aggregation"] == "UNIQUE_COUNT" else _unusable(value)


def _unusable(value: Any) -> str | None:
    """Why a value is no number to add up."""
    match value:
        case bool():
            return "unsupported value property type: bool"
        case str():
            return _unusable_text(value)
        case dict():
            return "unsupported value property type: map[string]interface {}"
        case list():
            return "unsupported value property type: []interface {}"
        case _:
            return None


def _unusable_text(text: str) -> str | None:
    try:
        number = parse_float(text)
    except ValueError:
        return f"value cannot be parsed as float64: {text}"
    if math.isnan(number):
        return "value cannot be NaN"
    return "value cannot be infinity" if math.isinf(number) else None


def parse_float(text: str) -> float:
    """As Go's strconv.ParseFloat does. Raises ValueError, also where the number is beyond the doubles."""
    if _INFINITY.fullmatch(text) or text.lower() == "nan":
        return float(text)
    if _DECIMAL.fullmatch(text):
        number = float(text)
    elif (found := _HEXADECIMAL.fullmatch(text)) and (found.group(2) or found.group(3)):
        sign, whole, fraction, exponent = found.groups()
        number = _hexadecimal(f"{sign}0x{whole or '0'}.{fraction or '0'}p{exponent}".replace("_", ""))
    else:
        raise ValueError(f"not a number: {text}")
    if math.isinf(number):
        raise ValueError(f"out of range: {text}")
    return number


def _hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError as error:
        raise ValueError(str(error)) from error
