"""Query parameters in the style `filter[a][b]=x`, as oapi-codegen binds them."""

from typing import Any

from devkit.core.contract import Contract, Schema
from devkit.embedded.http.queries import Query

Tree = dict[str, "Tree | str"]


class Unfit(Exception):  # noqa: N818 - binding.py turns it into a refusal
    """A value that does not fit; the text is the runtime's."""


def bind(contract: Contract, name: str, schema: Schema, given: Query) -> Any:
    """The value of the parameter, None where no key begins with `name[`. Raises Unfit."""
    tree: Tree = {}
    for key, values in given.items():
        if not key.startswith(f"{name}["):
            continue
        path = key[len(name) :].lstrip("[").rstrip("]").split("][")
        if len(values) == 1:
            _plant(tree, path, values[0])
        for index, value in enumerate(values if len(values) > 1 else ()):
            _plant(tree, [*path, str(index)], value)
    return _assign(contract, schema, tree) if tree else None


def _plant(tree: Tree, path: list[str], value: str) -> None:
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[path[-1]] = value


def _assign(contract: Contract, schema: Schema, tree: "Tree | str") -> Any:
    schema = contract.resolve(schema)
    kind = schema.get("type")
    branches = tree if isinstance(tree, dict) else {}
    text = tree if isinstance(tree, str) else ""
    if kind == "object":
        return _object(contract, schema, branches)
    if kind == "array":
        return _array(contract, schema["items"], branches)
    if kind in _SCALARS:
        read, expected = _SCALARS[kind]
        try:
            return read(text)
        except ValueError:
            raise Unfit(f"expected a valid {expected}, got {text}") from None
    return text


def _object(contract: Contract, schema: Schema, branches: Tree) -> dict[str, Any]:
    additional = schema.get("additionalProperties")
    properties = schema.get("properties", {})
    found = {}
    for key, branch in branches.items():
        part = properties.get(key, additional)
        if not isinstance(part, dict):
            raise Unfit(f"field [{key}] is not present in destination object")
        try:
            found[key] = _assign(contract, part, branch)
        except Unfit as error:
            lead = "error binding map" if key not in properties else f"error assigning field [{key}]"
            raise Unfit(f"{lead}: {error}") from None
    return found


def _array(contract: Contract, items: Schema, branches: Tree) -> list[Any]:
    found = []
    for index in range(len(branches)):
        if str(index) not in branches:
            raise Unfit("error assigning slice: array deepObjects must have consecutive indices")
        try:
            found.append(_assign(contract, items, branches[str(index)]))
        except Unfit as error:
            raise Unfit(f"error assigning slice: error binding array element {index}: {error}") from None
    return found


def _whole(text: str) -> int:
    value = int(text)
    if "_" in text or text != text.strip() or not -(1 << 63) <= value < 1 << 63:
        raise ValueError(text)
    return value


def _truth(text: str) -> bool:
    known = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


_SCALARS: dict[str, tuple[Any, str]] = {
    "integer": (_whole, "int"),
    "number": (float, "float"),
    "boolean": (_truth, "bool"),
}
