"""Shapes of lists and mappings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.core.shapes.problem import Problems
from devkit.core.shapes.shape import Shape, described, nearest, shown
from devkit.core.shapes.values import Text
from devkit.core.yaml_source import Tree


@dataclass(frozen=True)
class ListOf:
    """A list of one shape. fewest: how many items it needs; most: how many it can have."""

    item: Shape
    about: str = ""
    fewest: int = 0
    most: int | None = None

    def read(self, tree: Tree, path: str, problems: Problems) -> list[Any]:
        if not isinstance(tree.value, tuple):
            problems.add(tree.place, path, f"expected a list, found {shown(tree)}", "start each item with `- `")
            return []
        if len(tree.value) < self.fewest:
            problems.add(tree.place, path, f"needs at least {self.fewest} item{'s' if self.fewest > 1 else ''}")
        if self.most is not None and len(tree.value) > self.most:
            problems.add(tree.place, path, f"has at most {self.most} item{'s' if self.most > 1 else ''}")
        return [self.item.read(item, f"{path}[{index}]", problems) for index, item in enumerate(tree.value)]

    def schema(self) -> dict[str, Any]:
        limits = {"minItems": self.fewest} if self.fewest else {}
        limits |= {"maxItems": self.most} if self.most is not None else {}
        return described({"type": "array", "items": self.item.schema(), **limits}, self.about)


@dataclass(frozen=True)
class MapOf:
    """A mapping with free keys. key: what each must match, with `key_says` for people."""

    item: Shape
    about: str = ""
    key: str | None = None
    key_says: str = ""
    fewest: int = 0

    def read(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if not isinstance(tree.value, Mapping):
            problems.add(tree.place, path, f"expected a mapping, found {shown(tree)}")
            return {}
        if len(tree.value) < self.fewest:
            problems.add(tree.place, path, "must not be empty")
        for name in tree.value:
            if self.key and not re.fullmatch(self.key, name):
                problems.add(tree.keys[name], path, f"the key {name!r} is not {self.key_says or self.key}")
        return {name: self.item.read(child, _join(path, name), problems) for name, child in tree.value.items()}

    def schema(self) -> dict[str, Any]:
        limits: dict[str, Any] = {"minProperties": self.fewest} if self.fewest else {}
        if self.key:
            limits["propertyNames"] = {"pattern": f"^(?:{self.key})$"}
        return described({"type": "object", "additionalProperties": self.item.schema(), **limits}, self.about)


@dataclass(frozen=True)
class Fields:
    """A mapping with known keys. Keys that are not given are left out of the result."""

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    about: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # key that people try -> what to do instead

    def read(self, tree: Tree, path: str, problems: Problems) -> dict[str, Any]:
        if not isinstance(tree.value, Mapping):
            problems.add(tree.place, path, f"expected a mapping, found {shown(tree)}")
            return {}
        for name in tree.value:
            if name not in self.fields:
                hint = self.elsewhere.get(name) or nearest(name, tuple(self.fields)) or self._known()
                problems.add(tree.keys[name], _join(path, name), "unknown key", hint)
        for name in self.required:
            if name not in tree.value:
                problems.add(tree.place, path, f"{name} is missing")
        return {
            name: self.fields[name].read(child, _join(path, name), problems)
            for name, child in tree.value.items()
            if name in self.fields
        }

    def _known(self) -> str:
        return f"known here: {', '.join(self.fields)}"

    def schema(self) -> dict[str, Any]:
        listed = {"required": list(self.required)} if self.required else {}
        properties = {name: shape.schema() for name, shape in self.fields.items()}
        return described(
            {"type": "object", "additionalProperties": False, **listed, "properties": properties}, self.about
        )


@dataclass(frozen=True)
class Variants:
    """A mapping that comes in several forms, told apart by the text of one field. variants: the form by that text."""

    tag: str
    variants: Mapping[str, Fields]
    about: str = ""

    def read(self, tree: Tree, path: str, problems: Problems) -> Any:
        if not isinstance(tree.value, Mapping):
            problems.add(tree.place, path, f"expected a mapping, found {shown(tree)}")
            return {}
        known = tuple(self.variants)
        if self.tag not in tree.value:
            problems.add(tree.place, path, f"{self.tag} is missing", f"one of {', '.join(known)}")
            return {}
        chosen = Text(choices=known).read(tree.value[self.tag], _join(path, self.tag), problems)
        return self.variants[chosen].read(tree, path, problems) if chosen is not None else {}

    def schema(self) -> dict[str, Any]:
        return described({"oneOf": [form.schema() for form in self.variants.values()]}, self.about)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
