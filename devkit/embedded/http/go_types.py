"""The Go types that OpenMeter's generated code gives to schemas, and encoding/json's words for what does not fit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devkit.core.contract import Contract, Schema, ref_name
from devkit.embedded.domain import timestamps

_SCALARS = {"string": ("string", str), "boolean": ("bool", bool), "integer": ("int", int), "number": ("float64", float)}
_JSON_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


class MisfitError(ValueError):
    """A JSON value that does not fit; the text is encoding/json's."""


@dataclass
class GoType:
    """name: as Go prints it, `api.FilterString` or `[]string`. fields, value, item: what objects and arrays hold."""

    name: str
    kind: str
    fields: dict[str, "GoType"] = field(default_factory=dict)
    inner: "GoType | None" = None

    @property
    def struct(self) -> str:
        """The name without its package, which stands before a field."""
        return self.name.removeprefix("api.") if self.name.startswith("api.") else ""


def of(contract: Contract, schema: Schema) -> GoType:
    """The type of a schema. Recursive schemas give recursive types."""
    return _of(contract, schema, {})


def _named(contract: Contract, schema: Schema, known: dict[str, GoType]) -> GoType:
    name = ref_name(schema["$ref"])
    if name not in known:
        known[name] = GoType(f"api.{name}", "any")
        made = _of(contract, contract.resolve(schema), known)
        known[name].kind, known[name].fields, known[name].inner = made.kind, made.fields, made.inner
    return known[name]


def _of(contract: Contract, schema: Schema, known: dict[str, GoType]) -> GoType:
    if "$ref" in schema:
        return _named(contract, schema, known)
    if schema.get("format") == "date-time":
        return GoType("time.Time", "time")
    if schema.get("type") in _SCALARS:
        return GoType(_SCALARS[schema["type"]][0], schema["type"])
    if schema.get("type") == "array":
        inner = _of(contract, schema["items"], known)
        return GoType(f"[]{inner.name}", "array", inner=inner)
    return _object(contract, schema, known)


def _object(contract: Contract, schema: Schema, known: dict[str, GoType]) -> GoType:
    if schema.get("properties"):
        fields = {name: _of(contract, part, known) for name, part in schema["properties"].items()}
        return GoType(_struct_text(fields), "object", fields=fields)
    if isinstance(schema.get("additionalProperties"), dict):
        inner = _of(contract, schema["additionalProperties"], known)
        return GoType(f"map[string]{inner.name}", "map", inner=inner)
    return GoType("interface {}", "any")


def _struct_text(fields: dict[str, GoType]) -> str:
    parts = [
        f'{name[:1].upper()}{name[1:]} *{kind.name} "json:\\"{name},omitempty\\""'
        for name, kind in sorted(fields.items())
    ]
    return f"struct {{ {'; '.join(parts)} }}"


def read(kind: GoType, value: Any) -> Any:
    """The value with only what the type knows of it, field names in their own case. Raises MisfitError: an instant that
    cannot be read counts before all, then the first value of another type."""
    reader = _Reader()
    found = reader.read(kind, value, "", ())
    if reader.first is not None:
        raise reader.first
    return found


class _Reader:
    def __init__(self) -> None:
        self.first: MisfitError | None = None

    def read(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> Any:
        """struct: the type whose field the value is; path: the fields down to it."""
        if value is None or kind.kind == "any":
            return value
        if kind.kind == "time":
            return _instant(value)
        return _READERS[kind.kind](self, kind, value, struct, path)

    def structure(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> Any:
        if not isinstance(value, dict):
            return self.misfit(kind, value, struct, path)
        lower = {name.lower(): name for name in kind.fields}
        found = {}
        for key, part in value.items():
            name = key if key in kind.fields else lower.get(key.lower())
            if name is not None and part is not None:
                found[name] = self.read(kind.fields[name], part, kind.struct, (*path, name))
        return found

    def mapping(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> Any:
        if not isinstance(value, dict):
            return self.misfit(kind, value, struct, path)
        assert kind.inner is not None
        return {key: self.read(kind.inner, part, struct, path) for key, part in value.items()}

    def array(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> Any:
        if not isinstance(value, list):
            return self.misfit(kind, value, struct, path)
        assert kind.inner is not None
        return [self.read(kind.inner, part, struct, path) for part in value]

    def scalar(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> Any:
        wanted = _SCALARS[kind.kind][1]
        fits = isinstance(value, wanted) or (wanted is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and wanted is not bool):
            return self.misfit(kind, value, struct, path)
        return value

    def misfit(self, kind: GoType, value: Any, struct: str, path: tuple[str, ...]) -> None:
        given = _JSON_NAMES[type(value)]
        target = f"Go struct field {struct}.{'.'.join(path)}" if path else "Go value"
        if self.first is None:
            self.first = MisfitError(f"json: cannot unmarshal {given} into {target} of type {kind.name}")


_READERS: dict[str, Callable[[_Reader, GoType, Any, str, tuple[str, ...]], Any]] = {
    "object": _Reader.structure,
    "map": _Reader.mapping,
    "array": _Reader.array,
    **dict.fromkeys(_SCALARS, _Reader.scalar),
}


def _instant(value: Any) -> timestamps.Timestamp:
    if not isinstance(value, str):
        raise MisfitError("Time.UnmarshalJSON: input is not a JSON string")
    try:
        return timestamps.parse(value)
    except ValueError:
        raise MisfitError(timestamps.refusal(value)) from None
