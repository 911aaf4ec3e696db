"""Parameters as Python values, with the texts of oapi-codegen where they cannot be read."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from devkit.core.contract import Contract, Operation, Parameter, Schema
from devkit.embedded.domain import timestamps
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.http import deep_objects, json_parameters
from devkit.embedded.http.queries import EscapeError, Query, unescape

_INTEGER = re.compile(r"[+-]?[0-9]+")
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))

Binder = Callable[[Query], Any]


class Unbindable(Exception):  # noqa: N818 - turned into a refusal that names the parameter
    """A value that does not fit its parameter; the text is the runtime's."""


class Binding:
    """How the parameters of one operation are read."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._path = [parameter for parameter in operation.parameters if parameter.location == "path"]
        self._query = [
            (parameter, _binder(contract, parameter))
            for parameter in operation.parameters
            if parameter.location == "query"
        ]

    def path(self, raw: Mapping[str, bytes]) -> dict[str, str]:
        """The path parameters. Raises Malformed."""
        return {parameter.name: _segment(parameter.name, raw[parameter.name]) for parameter in self._path}

    def query(self, given: Query) -> dict[str, Any]:
        """The query parameters that were given. Raises Malformed."""
        bound = {}
        for parameter, binder in self._query:
            try:
                value = binder(given)
            except Unbindable as error:
                raise _refusal(parameter.name, str(error)) from None
            if value is not None:
                bound[parameter.name] = value
            elif parameter.required:
                raise Malformed(
                    f"required param missing {parameter.name}:"
                    f" Query argument {parameter.name} is required, but not found"
                )
        return bound


def _segment(name: str, raw: bytes) -> str:
    if not raw:
        raise _refusal(name, f"parameter '{name}' is empty, can't bind its value")
    try:
        return unescape(raw).decode("utf-8", "replace")
    except EscapeError as error:
        raise _refusal(name, f"error unescaping path parameter '{name}': {error}") from None


def _refusal(name: str, reason: str) -> Malformed:
    return Malformed(f"invalid param format {name}: Invalid format for parameter {name}: {reason}")


def _binder(contract: Contract, parameter: Parameter) -> Binder:
    name = parameter.name
    if parameter.content is not None:
        return json_parameters.binder(contract, parameter)
    assert parameter.schema is not None
    kind, schema = scalar_kind(contract, parameter.schema)
    if parameter.style == "deepObject":
        return lambda given: _deep(contract, name, schema, given)
    if kind == "array":
        item = _READERS[scalar_kind(contract, schema["items"])[0]]
        return lambda given: _array(given.get(name), item)
    read = _READERS[kind]
    if kind == "date-time" and parameter.explode:
        return lambda given: read(given[name][0]) if name in given else None
    return lambda given: _single(name, given.get(name), read)


def scalar_kind(contract: Contract, schema: Schema) -> tuple[str, Schema]:
    """The type of a schema (`date-time` for such strings) and the schema that states it, looked for inside allOf."""
    schema = contract.resolve(schema)
    if "type" not in schema and schema.get("allOf"):
        return scalar_kind(contract, schema["allOf"][0])
    if schema.get("format") == "date-time":
        return "date-time", schema
    return schema.get("type", "string"), schema


def _single(name: str, values: list[str] | None, read: Callable[[str], Any]) -> Any:
    if values is None:
        return None
    if len(values) != 1:
        raise Unbindable(f"parameter '{name}' is not exploded, but is specified multiple times")
    return read(values[0])


def _array(values: list[str] | None, read: Callable[[str], Any]) -> Any:
    if values is None:
        return None
    try:
        return [read(value) for value in values]
    except Unbindable as error:
        raise Unbindable(f"error setting array element: {error}") from None


def _deep(contract: Contract, name: str, schema: Schema, given: Query) -> Any:
    try:
        return deep_objects.bind(contract, name, schema, given)
    except deep_objects.Unfit as error:
        raise Unbindable(f"error assigning value to destination: {error}") from None


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Unbindable(f'error binding string parameter: strconv.ParseInt: parsing "{text}": invalid syntax')
    if len(text) > 20 or not -(1 << 63) <= int(text) < 1 << 63:
        raise Unbindable(f'error binding string parameter: strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        reason = f'strconv.ParseFloat: parsing "{text}": invalid syntax'
        raise Unbindable(f"error binding string parameter: {reason}") from None


def _boolean(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        raise Unbindable(f'error binding string parameter: strconv.ParseBool: parsing "{text}": invalid syntax')
    return text in _TRUE


def _instant(text: str) -> timestamps.Timestamp | str:
    """An empty text stays as it is; the validation refuses it."""
    if not text:
        return text
    try:
        return timestamps.parse(text)
    except ValueError:
        pass
    try:
        return timestamps.parse_date(text)
    except ValueError as error:
        raise Unbindable(f"error parsing '{text}' as RFC3339 or 2006-01-02 time: {error}") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date-time": _instant,
}
