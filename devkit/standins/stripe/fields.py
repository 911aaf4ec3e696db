"""The parameters that a resource takes, as data, and how they change an object."""

import re
from collections.abc import Mapping
from typing import Any, Final

from devkit.standins.stripe.errors import StripeError, unknown
from devkit.standins.stripe.forms import Params

TEXT: Final = "text"
INTEGER: Final = "integer"
BOOLEAN: Final = "boolean"
CURRENCY: Final = "currency"
METADATA: Final = "metadata"
TEXTS: Final = "texts"
ANY: Final = "any"

#: A type, or the fields of an object.
Fields = Mapping[str, "str | Fields"]

_INTEGER = re.compile(r"-?\d+")


def read(given: Params, fields: Fields, *, within: str = "") -> Params:
    """The typed values. Raises StripeError for a parameter that is not among the fields, or of another type.

    An empty text stands for nothing: it unsets a field.
    """
    values: Params = {}
    for name, value in given.items():
        param = f"{within}[{name}]" if within else name
        if name not in fields:
            raise unknown(param)
        field = fields[name]
        values[name] = _value(value, field, param)
    return values


def change(thing: dict[str, Any], values: Params) -> None:
    """Sets the values: metadata and objects are merged, None takes a key of metadata away."""
    for name, value in values.items():
        before = thing.get(name)
        if not isinstance(value, dict) or not isinstance(before, dict):
            thing[name] = {} if name == METADATA and value is None else value
        elif name == METADATA:
            merged = before | value
            thing[name] = {key: text for key, text in merged.items() if text is not None}
        else:
            thing[name] = before | value


def _value(value: Any, field: "str | Fields", param: str) -> Any:
    if value == "":
        return None
    if not isinstance(field, str):
        if not isinstance(value, dict):
            raise StripeError(400, f"Invalid object: {param}", param=param)
        return read(value, field, within=param)
    if field in _CONTAINERS:
        return _contained(value, field, param)
    if not isinstance(value, str):
        raise StripeError(400, f"Invalid string: {param}", param=param)
    return _scalar(value, field, param)


def _contained(value: Any, field: str, param: str) -> Any:
    if field == ANY:
        return value
    if field == METADATA:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise StripeError(400, "Invalid hash: metadata values must be strings", param=param)
        return {name: text or None for name, text in value.items()}
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise StripeError(400, f"Invalid array: {param}", param=param)
    return value


def _scalar(value: str, field: str, param: str) -> Any:
    if field == INTEGER:
        if not _INTEGER.fullmatch(value):
            raise StripeError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
        return int(value)
    if field == BOOLEAN:
        if value not in ("true", "false"):
            raise StripeError(400, f"Invalid boolean: {value}", param=param)
        return value == "true"
    return value.lower() if field == CURRENCY else value


_CONTAINERS = frozenset({ANY, METADATA, TEXTS})
