"""YAML files as trees that remember where every key and value stands.

Only PyYAML's parser is used: values are built here, after the YAML 1.2 core rules (`no`, `on`, `12:30` and dates stay
text), so that no file can construct an object or blow up the memory. What values must look like: core/shapes.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from devkit.core.errors import InputError, Place

LARGEST_FILE = 4 * 1024 * 1024  # bytes
MOST_VALUES = 200_000  # with every alias counted as what it stands for
DEEPEST = 40

Scalar = str | int | float | bool | None

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Mapping[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Tree:
    """One value of a file: a scalar, a tuple of trees (list) or a mapping of trees, and its place.

    keys: the place of each key, where the value is a mapping
    """

    value: "Scalar | tuple[Tree, ...] | Mapping[str, Tree]"
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value without places: dicts, lists and scalars."""
        if isinstance(self.value, Mapping):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return [child.plain() for child in self.value]
        return self.value

    def at(self, *path: str | int) -> "Tree":
        """The value under keys and list positions, or as near to it as the file goes (for its place)."""
        tree = self
        for step in path:
            if isinstance(tree.value, Mapping) and step in tree.value:
                tree = tree.value[str(step)]
            elif isinstance(tree.value, tuple) and isinstance(step, int) and step < len(tree.value):
                tree = tree.value[step]
            else:
                break
        return tree


def load(path: Path, *, name: str | None = None) -> Tree:
    """Reads a file. `name` is how messages call it (default: the path). Raises InputError with the place."""
    shown = name or str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=Place(shown)) from error
    return parse(raw, shown)


def parse(raw: bytes | str, name: str) -> Tree:
    """Reads the one YAML document in `raw`; nothing at all reads as null. Raises InputError with the place."""
    if len(raw) > LARGEST_FILE:
        raise InputError(
            f"larger than {LARGEST_FILE // 1024 // 1024} MiB, the limit for a YAML file", place=Place(name)
        )
    text = raw if isinstance(raw, str) else decoded(raw, name)
    if odd := _UNPRINTABLE.search(text):
        raise InputError(f"holds the control character {odd.group()!r}", place=_place_of(text, odd.start(), name))
    return _Builder(text, name).document()


def decoded(raw: bytes, name: str) -> str:
    """The text of a file, without a byte order mark. Raises InputError where a byte is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        message = f"not UTF-8 (byte 0x{raw[error.start]:02x})"
        raise InputError(message, place=_place_of(before, len(before), name), hint="save the file as UTF-8") from error


def _place_of(text: str, offset: int, name: str) -> Place:
    before = text[:offset]
    return Place(name, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def _at(mark: Any, name: str) -> Place:
    return Place(name, mark.line + 1, mark.column + 1)


class _Builder:
    """Builds the tree from the parser's events, within the limits."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.count = 0

    def document(self) -> Tree:
        try:
            events = iter(yaml.parse(self.text, Loader=_LOADER))
            root = Tree(None, Place(self.name, 1, 1))
            documents = 0
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise self._error("a second document starts here; one file holds one", event)
                    root = self._value(events, next(events), 0)
        except yaml.MarkedYAMLError as error:
            raise self._malformed(error) from error
        except yaml.YAMLError as error:
            raise InputError(f"not valid YAML: {error}", place=Place(self.name)) from error
        return root

    def _value(self, events: Iterator[Any], event: Any, depth: int) -> Tree:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > DEEPEST:
            raise self._error(f"nested deeper than {DEEPEST} levels", event)
        self._counted(1, event)
        before = self.count
        if isinstance(event, yaml.ScalarEvent):
            tree = Tree(self._scalar(event), _at(event.start_mark, self.name))
        else:
            self._untagged(event)
            build = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence
            tree = build(events, event, depth)
        if event.anchor:
            self.anchors[event.anchor] = (tree, self.count - before + 1)
        return tree

    def _alias(self, event: Any) -> Tree:
        if event.anchor not in self.anchors:
            # Without its name: it may be a password that begins with *.
            message = "an alias refers to nothing that stands above; text that begins with * needs quotes"
            raise self._error(message, event)
        tree, size = self.anchors[event.anchor]
        self._counted(size, event)
        return tree

    def _counted(self, more: int, event: Any) -> None:
        self.count += more
        if self.count > MOST_VALUES:
            raise self._error(f"more than {MOST_VALUES:,} values once its aliases are followed", event)

    def _sequence(self, events: Iterator[Any], start: Any, depth: int) -> Tree:
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(events, event, depth + 1))
        return Tree(tuple(items), _at(start.start_mark, self.name))

    def _mapping(self, events: Iterator[Any], start: Any, depth: int) -> Tree:
        children: dict[str, Tree] = {}
        keys: dict[str, Place] = {}
        merged: list[Tree] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key, place = self._key(event), _at(event.start_mark, self.name)
            if key in keys:
                message = f"the key {key!r} stands here a second time; first in line {keys[key].line}"
                raise InputError(message, place=place)
            child = self._value(events, next(events), depth + 1)
            if key == "<<" and event.implicit[0]:
                merged.append(child)
            else:
                keys[key], children[key] = place, child
        for other in merged:
            self._merge(other, children, keys)
        return Tree(children, _at(start.start_mark, self.name), keys)

    def _merge(self, source: Tree, children: dict[str, Tree], keys: dict[str, Place]) -> None:
        if not isinstance(source.value, Mapping):
            raise InputError("<< merges one mapping, and this is none", place=source.place)
        for key, child in source.value.items():
            if key not in children:
                children[key], keys[key] = child, source.keys[key]

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error("a key must be plain text", event)
        return str(event.value)

    def _scalar(self, event: Any) -> Scalar:
        text = str(event.value)
        if event.tag == "tag:yaml.org,2002:str":
            return text
        self._untagged(event)
        if not event.implicit[0]:  # quoted or a block: always text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) and abs(float(text)) != float("inf") else text

    def _untagged(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            raise self._error("a tag is not supported; text that begins with ! needs quotes", event)

    def _error(self, message: str, event: Any) -> InputError:
        return InputError(message, place=_at(event.start_mark, self.name))

    def _malformed(self, error: yaml.MarkedYAMLError) -> InputError:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return InputError(f"not valid YAML: {error.problem}", place=Place(self.name))
        lines = self.text.split("\n")
        line = lines[mark.line] if mark.line < len(lines) else ""
        if "\t" in line[: mark.column + 1] and not line[: mark.column].strip():
            return InputError("a tab stands where YAML wants spaces", place=_at(mark, self.name))
        context = f" ({error.context})" if error.context else ""
        return InputError(f"not valid YAML: {error.problem}{context}", place=_at(mark, self.name))
