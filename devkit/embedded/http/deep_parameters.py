"""Query parameters in the style `filter[a][b]=x`, as kin-openapi decodes them for its checks."""

import re
from collections.abc import Callable
from typing import Any

from devkit.core.contract import Contract, Schema
from devkit.embedded.http.queries import Query

_BRACKETS = re.compile(r"\[(.*?)\]")
_LARGEST_GAP = 10_000


class Undecodable(Exception):  # noqa: N818 - validation.py turns it into a refusal
    """A value that cannot be decoded; the text is kin-openapi's."""


def decode(contract: Contract, name: str, schema: Schema, query: Query) -> Any:
    """The object of the parameter, None where no key begins with `name[`. Raises Undecodable."""
    tree: dict[str, Any] = {}
    for key, values in query.items():
        if not key.startswith(f"{name}["):
            continue
        path = _BRACKETS.findall(key)
        if not path:
            continue
        if len(values) > 1:
            raise _without_indexes(path)
        _plant(tree, path, values[0])
    return _build(contract, contract.resolve(schema), tree, []) if tree else None


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[path[-1]] = value


def _build(contract: Contract, schema: Schema, given: Any, path: list[str]) -> Any:
    schema = contract.resolve(schema)
    kind = schema.get("type")
    if kind == "object":
        return _object(contract, schema, given, path)
    if kind == "array":
        return _array(contract, schema, given, path)
    for part in [part for word in ("anyOf", "oneOf", "allOf") for part in schema.get(word, ())]:
        if (found := _build(contract, part, given, path)) is not None:
            return found
    if not isinstance(given, str):
        raise Undecodable(f"path {'.'.join(path)}: path is not convertible to primitive")
    return _primitive(kind, given, path)


def _object(contract: Contract, schema: Schema, given: Any, path: list[str]) -> Any:
    if not isinstance(given, dict):
        return given
    additional = schema.get("additionalProperties")
    found = {}
    for key, value in given.items():
        part = schema.get("properties", {}).get(key, additional)
        if isinstance(part, dict):
            found[key] = _build(contract, part, value, [*path, key])
    return found


def _array(contract: Contract, schema: Schema, given: Any, path: list[str]) -> list[Any]:
    if not isinstance(given, dict):
        raise _without_indexes(path)
    if not all(key.isascii() and key.isdigit() for key in given):
        raise Undecodable(
            f"path {'.'.join(path)}: could not convert value map to array: array indexes must be integers"
        )
    indexes = {int(key): value for key, value in given.items()}
    if max(indexes) + 1 - len(indexes) > _LARGEST_GAP:
        raise Undecodable(f"path {'.'.join(path)}: could not convert value map to array: array index is too sparse")
    return [
        _build(contract, schema["items"], indexes[at], [*path, str(at)]) if at in indexes else None
        for at in range(max(indexes) + 1)
    ]


def _primitive(kind: str | None, text: str, path: list[str]) -> Any:
    read = _SCALARS.get(kind or "")
    if read is None:
        return text
    try:
        return read(text) if text else None
    except ValueError:
        raise Undecodable(f"path {'.'.join(path)}: value {text}: an invalid {kind}: invalid syntax") from None


def _truth(text: str) -> bool:
    if text not in ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"):
        raise ValueError(text)
    return text[0] in "1tT"


_SCALARS: dict[str, Callable[[str], Any]] = {"integer": int, "number": float, "boolean": _truth}


def _without_indexes(path: list[str]) -> Undecodable:
    return Undecodable(f"path {'.'.join(path)}: array items must be set with indexes")
