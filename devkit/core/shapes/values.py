"""Shapes of single values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devkit.core.shapes.problem import Problems
from devkit.core.shapes.shape import Shape, described, nearest, shown
from devkit.core.yaml_source import Tree


@dataclass(frozen=True)
class Text:
    """Text. pattern: what the whole of it must match, with `pattern_says` for people."""

    about: str = ""
    pattern: str | None = None
    pattern_says: str = ""
    choices: tuple[str, ...] = ()
    shortest: int = 1
    longest: int | None = None
    check: Callable[[str], str | None] | None = None  # gives a message where the text is wrong

    def read(self, tree: Tree, path: str, problems: Problems) -> str | None:
        value = tree.value
        if not isinstance(value, str):
            quote = "put it in quotes to make it text" if _is_number(value) or isinstance(value, bool) else None
            problems.add(tree.place, path, f"expected text, found {shown(tree)}", quote)
            return None
        if wrong := self._wrong(value):
            problems.add(tree.place, path, *wrong)
            return None
        return value

    def _wrong(self, value: str) -> tuple[str, str | None] | None:
        if self.choices and value not in self.choices:
            return f"{value!r} is none of {', '.join(self.choices)}", nearest(value, self.choices)
        if len(value) < self.shortest:
            return "must not be empty", None
        if self.longest is not None and len(value) > self.longest:
            return f"longer than {self.longest} characters", None
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"{value!r} is not {self.pattern_says or 'of the form ' + self.pattern}", None
        message = self.check(value) if self.check else None
        return (message, None) if message else None

    def schema(self) -> dict[str, Any]:
        limits = {
            "enum": list(self.choices) or None,
            "minLength": self.shortest or None,
            "maxLength": self.longest,
            "pattern": f"^(?:{self.pattern})$" if self.pattern else None,
        }
        return described({"type": "string", **{k: v for k, v in limits.items() if v is not None}}, self.about)


@dataclass(frozen=True)
class Number:
    """A number; `whole` for integers only. Bounds are inclusive unless `above` (exclusive) is given."""

    about: str = ""
    whole: bool = False
    least: float | None = None
    most: float | None = None
    above: float | None = None

    def read(self, tree: Tree, path: str, problems: Problems) -> int | float | None:
        value = tree.value
        noun = "a whole number" if self.whole else "a number"
        if not isinstance(value, int | float) or isinstance(value, bool) or (self.whole and isinstance(value, float)):
            problems.add(tree.place, path, f"expected {noun}, found {shown(tree)}")
            return None
        if self.least is not None and value < self.least:
            problems.add(tree.place, path, f"must be at least {self.least:g}, found {value}")
        elif self.most is not None and value > self.most:
            problems.add(tree.place, path, f"must be at most {self.most:g}, found {value}")
        elif self.above is not None and value <= self.above:
            problems.add(tree.place, path, f"must be above {self.above:g}, found {value}")
        else:
            return value
        return None

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.least, "maximum": self.most, "exclusiveMinimum": self.above}
        kept = {k: v for k, v in limits.items() if v is not None}
        return described({"type": "integer" if self.whole else "number", **kept}, self.about)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    about: str = ""

    def read(self, tree: Tree, path: str, problems: Problems) -> bool | None:
        if isinstance(tree.value, bool):
            return tree.value
        problems.add(tree.place, path, f"expected true or false, found {shown(tree)}")
        return None

    def schema(self) -> dict[str, Any]:
        return described({"type": "boolean"}, self.about)


@dataclass(frozen=True)
class Nullable:
    """A value of one shape, or null."""

    shape: Shape

    def read(self, tree: Tree, path: str, problems: Problems) -> Any:
        return None if tree.value is None else self.shape.read(tree, path, problems)

    def schema(self) -> dict[str, Any]:
        inner = self.shape.schema()
        about = inner.pop("description", "")
        return described({"anyOf": [inner, {"type": "null"}]}, about)


@dataclass(frozen=True)
class Anything:
    """Any value."""

    about: str = ""

    def read(self, tree: Tree, path: str, problems: Problems) -> Any:  # noqa: ARG002 - nothing can be wrong
        return tree.plain()

    def schema(self) -> dict[str, Any]:
        return described({}, self.about)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
