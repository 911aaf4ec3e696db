"""What differs between two contracts, as a list of work for the next release of OpenMeter."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from devkit.core.contract import Contract, Operation, Parameter, Schema, ref_name

_Item = TypeVar("_Item")

AREAS = ("release", "tags", "operations", "parameters", "bodies", "responses", "schemas", "properties")


@dataclass(frozen=True)
class Change:
    """One difference. `area` is one of AREAS, `verb` added, removed, moved or changed, `detail` says what exactly."""

    area: str
    verb: str
    name: str
    detail: str = ""


def compare(old: Contract, new: Contract) -> list[Change]:
    """All changes, area by area, each in the order of the contracts."""
    found = [
        *_release(old, new),
        *_members("tags", dict.fromkeys(old.tags, ""), dict.fromkeys(new.tags, ""), str),
        *_operations(old, new),
        *_schemas(old.schemas, new.schemas),
    ]
    return sorted(found, key=lambda change: AREAS.index(change.area))


def _release(old: Contract, new: Contract) -> Iterator[Change]:
    if old.version != new.version:
        yield Change("release", "changed", "OpenMeter", f"{old.version} -> {new.version}")


def _members(
    area: str, old: Mapping[str, _Item], new: Mapping[str, _Item], detail: Callable[[_Item], str], prefix: str = ""
) -> Iterator[Change]:
    """What only one side has."""
    for name in new:
        if name not in old:
            yield Change(area, "added", prefix + name, detail(new[name]))
    for name in old:
        if name not in new:
            yield Change(area, "removed", prefix + name, detail(old[name]))


def _operations(old: Contract, new: Contract) -> Iterator[Change]:
    yield from _members("operations", old.operations, new.operations, _where)
    for name, operation in new.operations.items():
        if name in old.operations:
            yield from _operation(old.operations[name], operation)


def _operation(old: Operation, new: Operation) -> Iterator[Change]:
    if _where(old) != _where(new):
        yield Change("operations", "moved", new.id, f"{_where(old)} -> {_where(new)}")
    facts = differences(
        {"tags": list(old.tags), "deprecated": old.deprecated, "security": list(old.security)},
        {"tags": list(new.tags), "deprecated": new.deprecated, "security": list(new.security)},
    )
    if facts:
        yield Change("operations", "changed", new.id, "; ".join(facts))
    yield from _parameters(old, new)
    if old.body_required != new.body_required:
        yield Change("bodies", "changed", new.id, "now required" if new.body_required else "no longer required")
    yield from _media("bodies", f"{new.id} ", old.bodies, new.bodies)
    yield from _members("responses", old.responses, new.responses, ", ".join, f"{new.id} ")
    for status in new.responses:
        if status in old.responses:
            yield from _media("responses", f"{new.id} {status} ", old.responses[status], new.responses[status])


def _parameters(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = ({_label(p): p for p in side.parameters} for side in (old, new))
    yield from _members("parameters", before, after, _parameter_facts, f"{new.id} ")
    for label, parameter in after.items():
        if label in before and before[label] != parameter:
            facts = differences(asdict(before[label]), asdict(parameter))
            yield Change("parameters", "changed", f"{new.id} {label}", "; ".join(facts))


def _media(area: str, prefix: str, old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[Change]:
    yield from _members(area, old, new, _brief, prefix)
    for media, schema in new.items():
        if media in old and old[media] != schema:
            facts = differences(old[media], schema)
            yield Change(area, "changed", prefix + media, "; ".join(facts))


def _schemas(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[Change]:
    yield from _members("schemas", old, new, _brief)
    for name, schema in new.items():
        if name in old and old[name] != schema:
            yield from _schema(name, old[name], schema)


def _schema(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    facts = differences(
        *({k: v for k, v in side.items() if k not in {"properties", "required"}} for side in (old, new))
    )
    if facts:
        yield Change("schemas", "changed", name, "; ".join(facts))
    before, after = old.get("properties", {}), new.get("properties", {})
    yield from _members("properties", before, after, _brief, f"{name}.")
    for member, schema in after.items():
        if member not in before:
            continue
        required = [member in side.get("required", ()) for side in (old, new)]
        facts = differences(before[member], schema)
        if required[0] != required[1]:
            facts.append("now required" if required[1] else "no longer required")
        if facts:
            yield Change("properties", "changed", f"{name}.{member}", "; ".join(facts))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The leaves that differ, such as `maxLength 64 -> 128`, `enum + DAY`, `items.nullable added: true`."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        _difference(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _difference(name: str, old: Any, new: Any) -> str:
    if isinstance(old, tuple) and isinstance(new, tuple):
        signs = [*(f"- {one}" for one in old if one not in new), *(f"+ {one}" for one in new if one not in old)]
        return f"{name} {', '.join(signs) or 'in another order'}"
    if old is None:
        return f"{name} added: {_shown(new)}"
    if new is None:
        return f"{name} removed: {_shown(old)}"
    return f"{name} {_shown(old)} -> {_shown(new)}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths and what stands there; a list of plain values is one leaf, a tuple."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    elif value is not None:
        yield path, tuple(value) if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return ref_name(value) if isinstance(value, str) and value.startswith("#/components/") else str(value)


def _where(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _label(parameter: Parameter) -> str:
    return f"{parameter.location} {parameter.name}"


def _parameter_facts(parameter: Parameter) -> str:
    kind = _brief(parameter.schema if parameter.schema is not None else parameter.content or {})
    return f"{kind}, required" if parameter.required else kind


def _brief(schema: Schema) -> str:
    """`string`, `Meter`, `list of Meter`, `one of A, B`."""
    if "$ref" in schema:
        return ref_name(schema["$ref"])
    for word, joint in (("oneOf", "one of "), ("anyOf", "any of ")):
        if word in schema:
            return joint + ", ".join(_brief(choice) for choice in schema[word])
    if "allOf" in schema:
        return " and ".join(_brief(part) for part in schema["allOf"])
    if schema.get("type") == "array":
        return f"list of {_brief(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))
