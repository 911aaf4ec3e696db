"""Does a decoded JSON value fit a schema of the contract? OpenAPI 3.0 rules, every violation, not only the first.

The embedded server does not use this: it refuses requests in OpenMeter's own words and order (embedded/http/).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from devkit.core.contract import Contract, Schema, ref_name


@dataclass(frozen=True)
class Violation:
    """What is wrong and where: `path` is a JSON pointer, empty for the value itself."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path or 'body'}: {self.reason}"


_Found = Iterator[Violation]
_Check = Callable[[Contract, Schema, Any, str], _Found]

# What the checks below read. A contract with any other keyword is not fully checked (tests/contract looks).
KEYWORDS = frozenset(
    (
        *("$ref", "allOf", "oneOf", "anyOf", "discriminator", "type", "nullable", "enum", "default", "deprecated"),
        *("properties", "required", "additionalProperties", "readOnly", "writeOnly", "items", "minItems", "maxItems"),
        *("format", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    )
)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def violations(contract: Contract, schema: Schema, value: Any, path: str = "") -> list[Violation]:
    """Everything in `value` that `schema` does not allow, in the order of the schema."""
    return list(_visit(contract, schema, value, path))


def _visit(contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    schema = contract.resolve(schema)
    if value is None and schema.get("nullable"):
        return
    if value is None and "type" in schema:
        yield Violation(path, "is null")
        return
    for check in (_combined, _enum, _typed):
        yield from check(contract, schema, value, path)


def _combined(contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    for part in schema.get("allOf", ()):
        yield from _visit(contract, part, value, path)
    if "discriminator" in schema:
        yield from _discriminated(contract, schema, value, path)
    else:
        yield from _alternatives(contract, schema, value, path)


def _discriminated(contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    name = schema["discriminator"]["propertyName"]
    mapping = schema["discriminator"].get("mapping", {})
    if not isinstance(value, Mapping):
        yield Violation(path, f"is no object but {_kind(value)}")
    elif name not in value:
        yield Violation(path, f"lacks {name}, which tells its kind")
    elif not isinstance(value[name], str) or value[name] not in mapping:
        yield Violation(f"{path}/{name}", f"{value[name]!r} is none of {', '.join(mapping)}")
    else:
        yield from _visit(contract, {"$ref": mapping[value[name]]}, value, path)


def _alternatives(contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    exclusive = "oneOf" in schema
    choices = schema.get("oneOf") or schema.get("anyOf")
    if not choices:
        return
    tried = [(choice, violations(contract, choice, value, path)) for choice in choices]
    fitting = [choice for choice, found in tried if not found]
    if not fitting:
        nearest, found = min(tried, key=lambda pair: _distance(pair[1]))
        if any(violation.path == path for violation in found):
            yield Violation(path, f"fits none of its {len(choices)} forms; the nearest is {_name(nearest)}")
        yield from found
    elif exclusive and len(fitting) > 1:
        yield Violation(path, f"fits {len(fitting)} forms where it must fit one: {', '.join(map(_name, fitting))}")


def _distance(found: list[Violation]) -> tuple[int, int]:
    """Few violations deep inside are nearer than one at the top, which is mostly a wrong type."""
    return -max(violation.path.count("/") for violation in found), len(found)


def _name(schema: Schema) -> str:
    return ref_name(schema["$ref"]) if "$ref" in schema else str(schema.get("type", "unnamed"))


def _enum(_contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    if "enum" in schema and value not in schema["enum"]:
        yield Violation(path, f"{value!r} is none of {', '.join(map(str, schema['enum']))}")


def _typed(contract: Contract, schema: Schema, value: Any, path: str) -> _Found:
    expected = schema.get("type")
    if expected is None:
        return
    if not _is(expected, value):
        yield Violation(path, f"is no {expected} but {_kind(value)}")
        return
    check = _TYPES.get(expected)
    if check:
        yield from check(contract, schema, value, path)


def _object(contract: Contract, schema: Schema, value: Mapping[str, Any], path: str) -> _Found:
    for name in schema.get("required", ()):
        if name not in value:
            yield Violation(path, f"lacks {name}")
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, member in value.items():
        inner = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in known:
            yield from _visit(contract, known[name], member, inner)
        elif others is False:
            yield Violation(inner, "is not in the schema")
        elif isinstance(others, Mapping):
            yield from _visit(contract, others, member, inner)


def _array(contract: Contract, schema: Schema, value: list[Any], path: str) -> _Found:
    yield from _bounds(schema, len(value), path, ("minItems", "maxItems"), "items")
    for index, item in enumerate(value):
        yield from _visit(contract, schema.get("items", {}), item, f"{path}/{index}")


def _string(_contract: Contract, schema: Schema, value: str, path: str) -> _Found:
    yield from _bounds(schema, len(value), path, ("minLength", "maxLength"), "characters")
    if "pattern" in schema and not _compiled(schema["pattern"]).search(value):
        yield Violation(path, f"{value!r} does not match {schema['pattern']}")
    if schema.get("format") == "date-time" and not _is_date_time(value):
        yield Violation(path, f"{value!r} is no RFC 3339 time")


def _number(_contract: Contract, schema: Schema, value: float, path: str) -> _Found:
    yield from _bounds(schema, value, path, ("minimum", "maximum"), "")


def _bounds(schema: Schema, size: float, path: str, names: tuple[str, str], unit: str) -> _Found:
    low, high = (schema.get(name) for name in names)
    shown = f"{size} {unit}".strip()
    if low is not None and size < low:
        yield Violation(path, f"{shown}, but at least {low}")
    if high is not None and size > high:
        yield Violation(path, f"{shown}, but at most {high}")


_TYPES: Mapping[str, _Check] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _number,
}


def _is(expected: str, value: Any) -> bool:
    if expected == "integer":
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    return _kind(value) in {expected, "integer" if expected == "number" else expected}


def _kind(value: Any) -> str:
    """The JSON type of a decoded value."""
    names = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (Mapping, "object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")


_compiled = cache(partial(re.compile, flags=re.ASCII))


def _is_date_time(text: str) -> bool:
    if not _DATE_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError:
        return False
    return True
