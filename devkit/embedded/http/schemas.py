"""Schemas of the contract, compiled once into checks that speak kin-openapi's words and keep its order.

A check takes a decoded JSON value and returns the first violation, or None. Readonly properties may be sent, defaults
are not filled in: OpenMeter runs kin-openapi that way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devkit.core.contract import Contract, Schema
from devkit.embedded.http import leaves
from devkit.embedded.http.violations import Violation, combined

Check = Callable[[Any], Violation | None]
_NULL = "Value is not nullable"
#: How deep a value of any form may nest. Go takes 10,000 levels; what stores and encodes it here is recursive.
_DEEPEST = 300


class TooDeepError(Exception):
    """A value that nests deeper than this server can handle."""


def refuse_deep(value: Any) -> None:
    """Raises TooDeepError. It looks at containers only, level by level."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(_DEEPEST):
        if not level:
            return
        inner = [part for holder in level for part in (holder.values() if isinstance(holder, dict) else holder)]
        level = [part for part in inner if isinstance(part, _CONTAINERS)]
    raise TooDeepError


_CONTAINERS = (dict, list)


class Schemas:
    """Compiles schemas; named ones once. body: readOnly properties need not be there though required."""

    def __init__(self, contract: Contract, *, body: bool) -> None:
        self._contract = contract
        self._body = body
        self._named: dict[str, Node] = {}

    def node(self, schema: Schema) -> "Node":
        """The compiled schema; a named one may still be empty while it is being compiled (recursive schemas)."""
        reference = schema.get("$ref")
        if reference is None:
            return Node(self, schema)
        known = self._named.get(reference)
        if known is None:
            known = self._named[reference] = Node.__new__(Node)
            known.__init__(self, self.resolve(schema))  # type: ignore[misc]
        return known

    def resolve(self, schema: Schema) -> Schema:
        return self._contract.resolve(schema)

    def optional(self, schema: Schema) -> bool:
        """Whether a required property with this schema may be absent."""
        return self._body and bool(self.resolve(schema).get("readOnly"))


class Node:
    """One compiled schema."""

    __slots__ = ("_all", "_any", "_composed", "_empty", "_enum", "_nullable", "_one", "_types")

    def __init__(self, schemas: Schemas, schema: Schema) -> None:
        self._nullable = bool(schema.get("nullable"))
        self._empty = is_empty(schemas, schema)
        self._enum: Sequence[Any] = schema.get("enum", ())
        self._one = Choice.of(schemas, schema, "oneOf")
        self._any = Choice.of(schemas, schema, "anyOf")
        self._all = tuple(schemas.node(part) for part in schema.get("allOf", ()))
        self._composed = bool(self._one or self._any or self._all)
        self._types = _type_checks(schemas, schema)

    def check(self, value: Any) -> Violation | None:
        """The first violation of the value."""
        if self._empty or (value is None and self._nullable):
            refuse_deep(value)
            return Violation(_NULL) if value is None and not self._nullable else None
        found = self._composition(value)
        if found is not None or (value is None and self._composed):
            return found
        if self._enum and value not in self._enum:
            return Violation(f"value is not one of the allowed values {leaves.json_text(self._enum)}")
        return Violation(_NULL) if value is None else self._types[type(value)](value)

    def _composition(self, value: Any) -> Violation | None:
        if self._one is not None and (found := self._one.one_of(value)) is not None:
            return found
        if self._any is not None and (found := self._any.any_of(value)) is not None:
            return found
        if not self._all:
            return None
        failed = [found for part in self._all if (found := part.check(value)) is not None]
        return combined(failed, " And ") if failed else None


class Choice:
    """The members of a oneOf or anyOf, and the property that tells which of them is meant."""

    def __init__(self, schemas: Schemas, members: Sequence[Schema], discriminator: Mapping[str, Any] | None) -> None:
        self._members = tuple((member.get("$ref"), schemas.node(member)) for member in members)
        self._property: str | None = discriminator["propertyName"] if discriminator else None
        self._mapping: Mapping[str, str] = (discriminator or {}).get("mapping", {})

    @staticmethod
    def of(schemas: Schemas, schema: Schema, keyword: str) -> "Choice | None":
        members = schema.get(keyword)
        return Choice(schemas, members, schema.get("discriminator")) if members else None

    def one_of(self, value: Any) -> Violation | None:
        chosen, refused = self._discriminate(value)
        if refused is not None:
            return refused
        found = [node.check(value) for reference, node in self._members if chosen in (None, reference)]
        matches = found.count(None)
        if matches == 1:
            return None
        if matches > 1:
            return Violation("", origin="input matches more than one oneOf schemas")
        return combined([violation for violation in found if violation is not None], " Or ")

    def any_of(self, value: Any) -> Violation | None:
        chosen, refused = self._discriminate(value)
        if refused is not None:
            return refused
        members = (node for reference, node in self._members if chosen in (None, reference))
        if any(node.check(value) is None for node in members):
            return None
        return Violation('doesn\'t match any schema from "anyOf"')

    def _discriminate(self, value: Any) -> tuple[str | None, Violation | None]:
        """The reference of the member that the value names (None: any may match), or why it names none."""
        name = self._property
        if name is None or not isinstance(value, dict):
            return None, None
        if name not in value:
            return None, Violation(f'input does not contain the discriminator property "{name}"')
        given = value[name]
        if not isinstance(given, str):
            return None, Violation(f'value of discriminator property "{name}" is not a string')
        if self._mapping and given not in self._mapping:
            return None, Violation(f'discriminator property "{name}" has invalid value')
        return self._mapping.get(given), None


class ObjectCheck:
    """Properties in the order of their names, then what is required in the order of the schema."""

    __slots__ = ("_additional", "_closed", "_count", "_properties", "_required")

    def __init__(self, schemas: Schemas, schema: Schema) -> None:
        properties = schema.get("properties", {})
        self._properties = {name: schemas.node(part) for name, part in properties.items()}
        additional = schema.get("additionalProperties")
        self._closed = additional is False
        self._additional = schemas.node(additional) if isinstance(additional, Mapping) else None
        self._required = tuple(
            name
            for name in schema.get("required", ())
            if not (name in properties and schemas.optional(properties[name]))
        )
        self._count = leaves.count_check(
            schema, "Properties", "there must be at least %d properties", "there must be at most %d properties"
        )

    def __call__(self, value: dict[str, Any]) -> Violation | None:
        if not self._properties and self._additional is None:
            refuse_deep(value)
        if self._count is not None and (found := self._count(len(value))) is not None:
            return found
        for name in sorted(value):
            node = self._properties.get(name, self._additional)
            if node is None:
                if self._closed:
                    return Violation(f"property {leaves.quoted(name)} is unsupported")
            elif (found := node.check(value[name])) is not None:
                return found.below(name)
        for name in self._required:
            if name not in value:
                return Violation(f'property "{name}" is missing').below(name)
        return None


class ArrayCheck:
    """Length, then the items in order."""

    __slots__ = ("_count", "_items", "_unique")

    def __init__(self, schemas: Schemas, schema: Schema) -> None:
        self._count = leaves.count_check(
            schema, "Items", "minimum number of items is %d", "maximum number of items is %d"
        )
        self._unique = bool(schema.get("uniqueItems"))
        self._items = schemas.node(schema["items"]) if "items" in schema else None

    def __call__(self, value: list[Any]) -> Violation | None:
        if self._count is not None and (found := self._count(len(value))) is not None:
            return found
        if self._unique and len({leaves.json_text(item) for item in value}) < len(value):
            return Violation("duplicate items found")
        if self._items is None:
            return None
        check = self._items.check
        for index, item in enumerate(value):
            if (found := check(item)) is not None:
                return found.below(str(index))
        return None


def _type_checks(schemas: Schemas, schema: Schema) -> dict[type, Check]:
    """What to do with a value of each Python type that JSON decodes to."""
    wanted = schema.get("type")
    wrong = leaves.wrong_type(wanted) if wanted else None
    number: Check = wrong if wrong is not None and wanted not in ("integer", "number") else leaves.NumberCheck(schema)

    def pick(kind: str, check: Callable[[], Check]) -> Check:
        return wrong if wrong is not None and wanted != kind else check()

    return {
        bool: pick("boolean", lambda: leaves.anything),
        str: pick("string", lambda: leaves.StringCheck(schema)),
        int: number,
        float: number,
        list: pick("array", lambda: ArrayCheck(schemas, schema)),
        dict: pick("object", lambda: ObjectCheck(schemas, schema)),
    }


_FLAGS = ("uniqueItems", "exclusiveMinimum", "exclusiveMaximum", "nullable", "readOnly", "writeOnly")
_LIMITS = ("multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_TELLING = (*_FLAGS, *_LIMITS, "type", "format", "enum", "pattern", "required")


def is_empty(schemas: Schemas, schema: Schema) -> bool:
    """Whether a schema says nothing at all; such a one takes every value but null."""
    if any(schema.get(word) for word in _TELLING) or "minimum" in schema or "maximum" in schema:
        return False
    if schema.get("additionalProperties") is False or "$ref" in schema:
        return False
    parts = [schema[word] for word in ("items", "additionalProperties") if isinstance(schema.get(word), Mapping)]
    parts += [part for word in ("oneOf", "anyOf", "allOf") for part in schema.get(word, ())]
    parts += schema.get("properties", {}).values()
    return all(is_empty(schemas, part) for part in parts)
