"""A YAML or JSON file, decoded, that still knows where each value stands.

For whole documents of others, such as an OpenAPI file; seeds and settings have core/yaml_source.py.
Plain scalars follow YAML 1.2 (and so JSON): only true, false, null and numbers are special, `no` and dates are text.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from devkit.core.errors import InputError, Place, UsageError

# The C loader is there where libyaml is; neither is known to the type checker.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Safe, and without the guesses of YAML 1.1."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


class Document:
    """`value` is the decoded document; `place(keys…)` the position of a member, or of the nearest one that exists."""

    def __init__(self, file: str, value: Any, root: Any) -> None:
        self.file = file
        self.value = value
        self._root = root

    def place(self, *keys: str | int) -> Place:
        node = self._root
        for key in keys:
            inner = _member(node, key)
            if inner is None:
                break
            node = inner
        return _place(self.file, node.start_mark) if node is not None else Place(self.file)

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
    text = _text(raw, file)
    try:
        return _json(text, file) if _looks_like_json(text, file) else _yaml(text, file)
    except RecursionError as error:
        raise InputError("nested too deeply", place=Place(file)) from error


def _text(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(file, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise InputError(f"byte 0x{raw[error.start]:02x} is no UTF-8", place=place, hint="save it as UTF-8") from error


def _looks_like_json(text: str, file: str) -> bool:
    return text.lstrip()[:1] in {"{", "["} and not file.endswith((".yaml", ".yml"))


def _json(text: str, file: str) -> Document:
    """JSON by its own rules; YAML lends the positions, where it can read the text (it refuses tabs)."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"no valid JSON: {error.msg}", place=Place(file, error.lineno, error.colno)) from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"no valid JSON: {error}", place=Place(file)) from error
    return _JsonDocument(file, value, text)


class _JsonDocument(Document):
    """Positions are only worked out when an error asks for one."""

    def __init__(self, file: str, value: Any, text: str) -> None:
        super().__init__(file, value, None)
        self._text = text

    def place(self, *keys: str | int) -> Place:
        if self._root is None:
            try:
                self._root = yaml.compose(self._text.replace("\t", " "), Loader=_Loader)
            except (yaml.YAMLError, RecursionError):
                return Place(self.file)
        return super().place(*keys)


def _yaml(text: str, file: str) -> Document:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        _refuse_duplicates(root, file)
        return Document(file, loader.construct_document(root) if root is not None else None, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(file, mark) if mark else Place(file)
        raise InputError(f"no valid YAML: {error.problem or error.context}", place=place) from error
    except yaml.YAMLError as error:
        raise InputError(f"no valid YAML: {str(error).splitlines()[0]}", place=Place(file)) from error
    except ValueError as error:
        raise InputError(f"no valid YAML: {error}", place=Place(file)) from error
    finally:
        loader.dispose()


def _refuse_duplicates(root: Any, file: str) -> None:
    for node in _mappings(root):
        seen: dict[str, Any] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and seen.setdefault(key.value, key) is not key:
                first = seen[key.value].start_mark.line + 1
                raise InputError(
                    f"{key.value} stands here twice (first in line {first})", place=_place(file, key.start_mark)
                )


def _mappings(root: Any) -> Iterator[yaml.MappingNode]:
    pending, seen = [root] if root is not None else [], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            pending.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)


def _member(node: Any, key: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == str(key)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key]
    return None


def _place(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)
