"""A document of others, such as an OpenAPI file in YAML or JSON: its plain value, and the places of its members.

Seeds and settings work on the trees of core/yaml_source.py themselves.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devkit.core.errors import InputError, Place, UsageError
from devkit.core.yaml_source import Tree, decoded, parse


class Document:
    """`value` is the decoded document; `place(keys…)` the position of a member, or of the nearest one that exists."""

    def __init__(self, file: str, value: Any, tree: Callable[[], Tree | None]) -> None:
        """tree: makes the places when an error asks for one; None where they cannot be told."""
        self.file = file
        self.value = value
        self._tree = tree

    def place(self, *keys: str | int) -> Place:
        tree = self._tree()
        return Place(self.file) if tree is None else tree.at(*keys).place

    def error(self, message: str, *keys: str | int, hint: str | None = None) -> InputError:
        return InputError(message, place=self.place(*keys), hint=hint)


def read_document(path: Path) -> Document:
    """Decodes a file. Raises UsageError where it cannot be read, InputError with a place where it is malformed."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    return decode_document(raw, file=str(path))


def decode_document(raw: bytes, *, file: str) -> Document:
    """The same of bytes; `file` is the name shown in errors."""
    text = decoded(raw, file)
    if text.lstrip()[:1] in {"{", "["} and not file.endswith((".yaml", ".yml")):
        return _json(text, file)
    tree = parse(text, file)
    return Document(file, tree.plain(), lambda: tree)


def _json(text: str, file: str) -> Document:
    """JSON by its own rules; YAML lends the positions, where it can read the text."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"no valid JSON: {error.msg}", place=Place(file, error.lineno, error.colno)) from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"no valid JSON: {error}", place=Place(file)) from error
    except RecursionError as error:
        raise InputError("nested too deeply", place=Place(file)) from error

    def tree() -> Tree | None:
        try:
            return parse(text.replace("\t", " "), file)  # YAML refuses tabs, which JSON allows
        except InputError:
            return None

    return Document(file, value, tree)
