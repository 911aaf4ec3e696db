"""The data of an event in its canonical form: keys sorted, the last of equal ones, doubles in Go's digits."""

from typing import Any

import msgspec

from devkit.embedded.domain.go_numbers import json_number

_EXACT = 1 << 53
_encode = msgspec.json.Encoder(order="sorted").encode


def canonical(data: Any) -> str:
    """Canonical JSON text of decoded JSON. Raises ValueError where a number is no finite double."""
    return _encode(_value(data)).decode()


def canonical_text(text: bytes) -> str:
    """The same of JSON text. Raises ValueError where it is none."""
    try:
        return canonical(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def canonical_object(data: dict[str, Any]) -> str:
    """The same of an object that may be changed; quick where it is flat. Raises ValueError, also for a null in it."""
    for key, value in data.items():
        kind = value.__class__
        if kind is str or kind is bool or (kind is int and -_EXACT <= value <= _EXACT):
            continue
        if kind is float and 1e-4 < value < 1e15 and not value.is_integer():
            continue
        if value is None:
            raise ValueError("null directly in data")
        data[key] = _value(value)
    return _encode(data).decode()


def _value(value: Any) -> Any:
    """The value with numbers that msgspec would write otherwise than Go replaced by their text."""
    match value:
        case bool() | str() | None:
            return value
        case int():
            return value if -_EXACT <= value <= _EXACT else _number(float(value))
        case float():
            return _number(value)
        case dict():
            return {key: _value(part) for key, part in value.items()}
        case _:
            return [_value(part) for part in value]


def _number(value: float) -> Any:
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number beyond the range of doubles")
    if 1e-4 < abs(value) < 1e15 and not value.is_integer():  # both write shortest digits here
        return value
    return msgspec.Raw(json_number(value).encode())
