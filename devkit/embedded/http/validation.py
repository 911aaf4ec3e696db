"""One request against its operation, as kin-openapi's request filter does it: parameters in order, then the body."""

from collections.abc import Callable, Mapping
from typing import Any

from devkit.core.contract import Contract, Operation, Parameter, Schema
from devkit.embedded.http import deep_parameters, go_json
from devkit.embedded.http.queries import Query
from devkit.embedded.http.schemas import Schemas, TooDeepError
from devkit.embedded.http.violations import detail

_ABSENT = object()


class Refused(Exception):  # noqa: N818 - the request is refused; the program is well
    """400 by the validator: the detail of a problem without an instance."""


class Validation:
    """The checks of one operation."""

    def __init__(self, contract: Contract, operation: Operation, parameters: Schemas, bodies: Schemas) -> None:
        self._parameters = [_ParameterCheck(contract, parameter, parameters) for parameter in operation.parameters]
        self._body_required = operation.body_required
        self._bodies = {media: _BodyCheck(schema, bodies) for media, schema in operation.bodies.items()}

    def parameters(self, path: Mapping[str, str], query: Query) -> None:
        """Raises Refused with the first violation."""
        for check in self._parameters:
            check(path, query)

    def body(self, raw: bytes, content_type: str) -> Any:
        """The decoded body. Raises Refused."""
        if not self._bodies:
            return None
        if not raw:
            if self._body_required:
                raise Refused("request body has an error: value is required but missing")
            return None
        check = self._bodies.get(content_type) or self._bodies.get(content_type.partition(";")[0])
        if check is None:
            raise Refused(f'request body has an error: header Content-Type has unexpected value "{content_type}"')
        return check(raw)


class _BodyCheck:
    def __init__(self, schema: Schema, schemas: Schemas) -> None:
        self._check = schemas.node(schema).check
        name = schema.get("$ref", "")
        self._lead = f"request body has an error: doesn't match schema{' ' if name else ''}{name}: "

    def __call__(self, raw: bytes) -> Any:
        try:
            value = go_json.decode_stream(raw)
            found = self._check(value)
        except go_json.GoJSONError as error:
            raise Refused(f"request body has an error: failed to decode request body: {error}") from None
        except (RecursionError, TooDeepError):
            raise Refused("request body has an error: failed to decode request body: exceeded max depth") from None
        if found is not None:
            raise Refused(detail(found, self._lead))
        return value


class _ParameterCheck:
    def __init__(self, contract: Contract, parameter: Parameter, schemas: Schemas) -> None:
        self._name = parameter.name
        self._location = parameter.location
        self._lead = f'parameter "{parameter.name}" in {parameter.location} has an error: '
        schema = parameter.schema if parameter.content is None else parameter.content
        self._check = schemas.node(schema or {}).check
        self._decode = _decoder(contract, parameter)

    def __call__(self, path: Mapping[str, str], query: Query) -> None:
        if self._location == "path":
            value = self._decode({self._name: [path[self._name]]})
        elif self._location == "query":
            value = self._query(query)
        else:
            return
        if value is _ABSENT:
            return
        if value is None:
            raise Refused(f"{self._lead}empty value is not allowed")
        found = self._check(value)
        if found is not None:
            raise Refused(detail(found, self._lead))

    def _query(self, query: Query) -> Any:
        try:
            return self._decode(query)
        except deep_parameters.Undecodable as error:
            raise Refused(f"{self._lead}{error}") from None


def _decoder(contract: Contract, parameter: Parameter) -> Callable[[Query], Any]:
    """Reads the parameter for the check: _ABSENT, None (given, but nothing in it) or its value."""
    name = parameter.name
    if parameter.content is not None:
        return lambda query: _json(query.get(name))
    schema = parameter.schema or {}
    if parameter.style == "deepObject":

        def deep(query: Query) -> Any:
            value = deep_parameters.decode(contract, name, schema, query)
            return _ABSENT if value is None else value

        return deep
    resolved = contract.resolve(schema)
    if resolved.get("type") == "array":
        read = _primitive(contract, resolved["items"])
        return lambda query: _array(query.get(name), read)
    read = _primitive(contract, schema)
    return lambda query: _single(query.get(name), read)


def _json(values: list[str] | None) -> Any:
    if values is None:
        return _ABSENT
    try:
        return go_json.decode_whole(values[0].encode())
    except go_json.GoJSONError:  # an empty value, which binding takes for an absent one
        return values[0]


def _array(values: list[str] | None, read: Callable[[str], Any]) -> Any:
    if values is None:
        return _ABSENT
    found = [read(value) for value in values]
    return None if found == [""] or None in found else found


def _single(values: list[str] | None, read: Callable[[str], Any]) -> Any:
    if values is None:
        return _ABSENT
    return read(next((value for value in values if value), values[0]))


def _primitive(contract: Contract, schema: Schema) -> Callable[[str], Any]:
    """Binding has let the value through, so that it can be read."""
    schema = contract.resolve(schema)
    if "type" not in schema and schema.get("allOf"):
        return _primitive(contract, schema["allOf"][0])
    return _PRIMITIVES.get(schema.get("type", "string"), str)


def _number(text: str) -> float | None:
    return float(text) if text else None


def _integer(text: str) -> int | None:
    """Unlike binding, the validator takes a leading zero for the sign of an octal number."""
    digits = text.lstrip("+-")
    if not digits:
        return None
    try:
        return int(text, 8 if len(digits) > 1 and digits.startswith("0") else 10)
    except ValueError:
        raise deep_parameters.Undecodable(f"value {text}: an invalid integer: invalid syntax") from None


_PRIMITIVES: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": lambda text: text[:1] in "1tT" if text else None,
}
