"""What devkit says about operations in its own words: one line each, and the gotchas. Data: assets/operations.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from devkit.core.data import data_path
from devkit.core.document_source import Document, read_document

LONGEST_SUMMARY = 90


@dataclass(frozen=True)
class OperationNote:
    """One operation: what it does for a developer, and what surprises about it, each one or two sentences."""

    summary: str
    gotchas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notes:
    """`general` holds what surprises about every operation; `operations` has the notes by operation id."""

    general: tuple[str, ...]
    operations: Mapping[str, OperationNote]


@cache
def operation_notes() -> Notes:
    """The notes that devkit ships, read when first asked for."""
    return load_notes(data_path("assets/operations.yaml"))


def load_notes(path: Path) -> Notes:
    """Reads a file of notes. Raises InputError with a place where it is not one."""
    source = read_document(path)
    members = _members(source, known=("general", "operations"))
    if not isinstance(members.get("operations"), Mapping):
        raise source.error("operations must be a mapping of operation ids to notes", "operations")
    return Notes(
        general=_lines(source, "general"),
        operations={name: _note(source, name) for name in members["operations"]},
    )


def _note(source: Document, operation: str) -> OperationNote:
    members = _members(source, "operations", operation, known=("summary", "gotchas"))
    summary = members.get("summary")
    if not isinstance(summary, str) or not 0 < len(summary) <= LONGEST_SUMMARY:
        message = f"summary of {operation} must be one line of at most {LONGEST_SUMMARY} characters"
        raise source.error(message, "operations", operation, "summary")
    return OperationNote(summary, _lines(source, "operations", operation, "gotchas"))


def _members(source: Document, *keys: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    found = _at(source, keys)
    if not isinstance(found, Mapping):
        raise source.error(f"a mapping with {' and '.join(known)} belongs here", *keys)
    for name in found:
        if name not in known:
            raise source.error(f"{name} is not known here", *keys, name, hint=f"known: {', '.join(known)}")
    return found


def _lines(source: Document, *keys: str) -> tuple[str, ...]:
    lines = _at(source, keys)
    if lines is None:
        return ()
    if not isinstance(lines, list):
        raise source.error(f"{keys[-1]} must be a list", *keys)
    for index, line in enumerate(lines):
        if not isinstance(line, str) or not line.strip() or "\n" in line:
            raise source.error("one line of text belongs here", *keys, index, hint="quote it where it contains a colon")
    return tuple(lines)


def _at(source: Document, keys: tuple[str, ...]) -> Any:
    value = source.value
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
