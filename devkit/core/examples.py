"""Example values made from a schema of the contract: valid, small, and close to what people really send.

What a property is called says more than its type, so values come from a table of names first (core/example_values.py);
a candidate only counts where the schema allows it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from devkit.core.contract import Contract, Operation, Parameter, Schema, ref_name
from devkit.core.example_values import BY_FORMAT, BY_NAME, BY_PATTERN, USEFUL
from devkit.core.schema_check import violations

_SOME_DAY = datetime(2026, 1, 15, 12, tzinfo=UTC)
_DEEPEST = 16  # contracts refer to themselves; the deepest example goes half as far


def example_body(
    contract: Contract, operation: Operation, media_type: str | None = None, *, now: datetime = _SOME_DAY
) -> Any:
    """A body that the operation accepts, None where it takes none. Without a media type the first one is meant.

    now: what times in the example are near to; the same `now` gives the same example
    """
    if not operation.bodies:
        return None
    return example(contract, operation.bodies[media_type or next(iter(operation.bodies))], now=now)


def example_parameter(contract: Contract, parameter: Parameter, *, now: datetime = _SOME_DAY) -> Any:
    """A value for a path or query parameter."""
    schema = parameter.schema if parameter.schema is not None else parameter.content or {}
    return _Examples(contract, now).make(schema, parameter.name)


def example(contract: Contract, schema: Schema, *, now: datetime = _SOME_DAY) -> Any:
    """A value for a schema, as one would send it: what is required or useful, nothing that is read-only."""
    return _Examples(contract, now).make(schema, "")


class _Examples:
    def __init__(self, contract: Contract, now: datetime) -> None:
        self._contract = contract
        month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        marks = {"{now}": now.replace(second=0, microsecond=0), "{month}": month, "{next month}": following}
        self._times = {mark: time.strftime("%Y-%m-%dT%H:%M:%SZ") for mark, time in marks.items()}

    def make(self, schema: Schema, name: str, owner: str = "", depth: int = 0) -> Any:
        """A value for the property `name` of the schema called `owner`."""
        own = ref_name(schema["$ref"]) if "$ref" in schema else ""
        schema = self._merged(self._contract.resolve(schema))
        for candidate in self._candidates(schema, name, owner):
            if not violations(self._contract, schema, candidate):
                return candidate
        return None if depth > _DEEPEST else self._composed(schema, name, own or schema.get("x-name", ""), depth + 1)

    def _candidates(self, schema: Schema, name: str, owner: str) -> Iterator[Any]:
        for value in (*BY_NAME.get(f"{owner}.{name}", ()), *BY_NAME.get(name, ())):
            yield self._dated(value)
        if schema.get("type") in {"object", "array"}:
            return
        if "default" in schema:
            yield schema["default"]
        for value in (*BY_PATTERN.get(schema.get("pattern", ""), ()), *BY_FORMAT.get(schema.get("format", ""), ())):
            yield self._dated(value)
        yield from schema.get("enum", ())[:1]
        yield from _of_type(schema, name)

    def _dated(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._dated(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._dated(item) for item in value]
        return self._times.get(value, value) if isinstance(value, str) else value

    def _composed(self, schema: Schema, name: str, owner: str, depth: int) -> Any:
        if "discriminator" in schema:
            return self._discriminated(schema, name, depth)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            made = [self.make(choice, name, owner, depth) for choice in choices]
            return next((one for one in made if not violations(self._contract, schema, one)), made[0])
        if schema.get("type") == "array":
            item = self.make(schema.get("items", {}), name.removesuffix("s"), owner, depth)
            return [item] * max(1, schema.get("minItems", 1))
        return self._object(schema, owner, depth)

    def _discriminated(self, schema: Schema, name: str, depth: int) -> Any:
        """The first kind that the contract names, with the property that tells it apart in first place."""
        label = schema["discriminator"]["propertyName"]
        kind, ref = next(iter(schema["discriminator"]["mapping"].items()))
        made = self.make({"$ref": ref}, name, "", depth)
        return {label: kind, **{key: value for key, value in made.items() if key != label}}

    def _merged(self, schema: Schema) -> Schema:
        """An allOf as one schema, which is how OpenMeter uses it: a named schema plus a default or nullable."""
        merged: dict[str, Any] = {}
        for part in [*schema.get("allOf", ()), {key: value for key, value in schema.items() if key != "allOf"}]:
            whole = {**self._merged(self._contract.resolve(part))} if part is not schema and "allOf" in schema else part
            name = {"x-name": ref_name(part["$ref"])} if "$ref" in part else {}
            merged = {
                **merged,
                **name,
                **whole,
                "properties": {**merged.get("properties", {}), **whole.get("properties", {})},
                "required": [*merged.get("required", ()), *whole.get("required", ())],
            }
        return merged

    def _object(self, schema: Schema, owner: str, depth: int) -> dict[str, Any]:
        required = set(schema["required"])
        return {
            member: self.make(inner, member, owner, depth)
            for member, inner in schema["properties"].items()
            if member in required or (not _hidden(inner) and not USEFUL.isdisjoint({member, f"{owner}.{member}"}))
        }


def _hidden(schema: Schema) -> bool:
    return bool(schema.get("readOnly") or schema.get("deprecated"))


def _of_type(schema: Schema, name: str) -> Iterable[Any]:
    kind = schema.get("type")
    if kind == "string":
        return (name or "text", "x" * schema.get("minLength", 1))
    if kind in {"integer", "number"}:
        return (1, schema.get("minimum"), schema.get("maximum"))
    return (True,) if kind == "boolean" else ()
