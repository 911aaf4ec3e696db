"""What values in a YAML file must look like, as data: read with all problems at once, or shown as a JSON schema.

A shape is built from the classes below. `read(shape, tree)` gives plain Python values or raises InputError naming every
problem with file:line:column, the key path and the way out; `Shape.schema()` gives JSON Schema (draft 2020-12).
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from devkit.core.errors import InputError, Place
from devkit.core.yaml_source import Tree


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: where, which key, what, and the way out."""

    place: Place
    path: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" + (f" ({self.hint})" if self.hint else "")

    @property
    def text(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InputProblems(InputError):  # noqa: N818 - it is several errors
    """All problems of one file: one is the message, several are the evidence, each with its place and hint."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        if len(problems) == 1:
            super().__init__(first.text, place=first.place, hint=first.hint)
        else:
            lines = [str(problem) for problem in problems]
            super().__init__(f"{len(problems)} problems", place=Place(first.place.file), evidence=lines)
        self.problems = tuple(problems)


class Problems:
    """Collects what is wrong while a file is read."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, place: Place, path: str, message: str, hint: str | None = None) -> None:
        self.found.append(Problem(place, path, message, hint))

    def check(self) -> None:
        """Raises InputProblems, in the order of the file, where something was found."""
        if self.found:
            raise InputProblems(sorted(self.found, key=lambda p: (p.place.line, p.place.column)))


class Shape(Protocol):
    """Anything that reads a tree and describes itself. `read` returns None after it added a problem."""

    def read(self, tree: Tree, path: str, problems: Problems) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


def read(shape: Shape, tree: Tree) -> Any:
    """The values of the tree. Raises InputProblems listing everything that does not fit."""
    problems = Problems()
    value = shape.read(tree, "", problems)
    problems.check()
    return value


def nearest(word: str, known: Sequence[str]) -> str | None:
    """A hint: the known word that was probably meant."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6) or difflib.get_close_matches(
        word.lower(), [k for k in known if k.lower() == word.lower()], n=1
    )
    return f"did you mean {close[0]!r}?" if close else None


def shown(tree: Tree) -> str:
    """How a message shows the value that was found."""
    if isinstance(tree.value, Mapping):
        return "a mapping"
    if isinstance(tree.value, tuple):
        return "a list"
    words = {"None": "nothing", "True": "true", "False": "false"}
    text = repr(tree.value)
    text = words.get(text, text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _described(schema: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": about, **schema} if about else schema


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
        return _described({"type": "string", **{k: v for k, v in limits.items() if v is not None}}, self.about)


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
        return _described({"type": "integer" if self.whole else "number", **kept}, self.about)


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
        return _described({"type": "boolean"}, self.about)


@dataclass(frozen=True)
class Nullable:
    """A value of one shape, or null."""

    shape: Shape

    def read(self, tree: Tree, path: str, problems: Problems) -> Any:
        return None if tree.value is None else self.shape.read(tree, path, problems)

    def schema(self) -> dict[str, Any]:
        inner = self.shape.schema()
        about = inner.pop("description", "")
        return _described({"anyOf": [inner, {"type": "null"}]}, about)


@dataclass(frozen=True)
class Anything:
    """Any value."""

    about: str = ""

    def read(self, tree: Tree, path: str, problems: Problems) -> Any:  # noqa: ARG002 - nothing can be wrong
        return tree.plain()

    def schema(self) -> dict[str, Any]:
        return _described({}, self.about)


@dataclass(frozen=True)
class ListOf:
    """A list of one shape. fewest: how many items it needs."""

    item: Shape
    about: str = ""
    fewest: int = 0

    def read(self, tree: Tree, path: str, problems: Problems) -> list[Any]:
        if not isinstance(tree.value, tuple):
            problems.add(tree.place, path, f"expected a list, found {shown(tree)}", "start each item with `- `")
            return []
        if len(tree.value) < self.fewest:
            problems.add(tree.place, path, f"needs at least {self.fewest} item{'s' if self.fewest > 1 else ''}")
        return [self.item.read(item, f"{path}[{index}]", problems) for index, item in enumerate(tree.value)]

    def schema(self) -> dict[str, Any]:
        limits = {"minItems": self.fewest} if self.fewest else {}
        return _described({"type": "array", "items": self.item.schema(), **limits}, self.about)


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
        return _described({"type": "object", "additionalProperties": self.item.schema(), **limits}, self.about)


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
        return _described(
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
        return _described({"oneOf": [form.schema() for form in self.variants.values()]}, self.about)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
