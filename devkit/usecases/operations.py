"""Finds operations of the contract by what people remember of them: id, path, tag, what it does, what went wrong."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from devkit.core.contract import Contract, Operation
from devkit.core.errors import DevkitError, UsageError
from devkit.core.operation_notes import Notes, OperationNote

# What a word is worth where it is found; a whole word counts more than a part of one.
_WEIGHTS: Mapping[str, tuple[int, int]] = {
    "id": (30, 12),
    "path": (16, 6),
    "tag": (10, 5),
    "method": (8, 0),
    "summary": (8, 3),
    "gotchas": (3, 1),
}
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True)
class Entry:
    """An operation and what devkit says about it."""

    operation: Operation
    note: OperationNote


@dataclass(frozen=True)
class Found:
    """`exact` where one operation was named, by its id or by method and path; otherwise the best match comes first."""

    entries: tuple[Entry, ...]
    exact: bool


def find_operations(contract: Contract, notes: Notes, words: Sequence[str] = (), tag: str | None = None) -> Found:
    """The operations that all `words` lead to; without words all of them, in the order of the tags.

    Raises UsageError for an unknown tag, DevkitError where nothing matches.
    """
    tags = _tags(contract, tag)
    entries = [
        Entry(operation, notes.operations.get(operation.id, OperationNote("")))
        for operation in contract.operations.values()
        if not tags.isdisjoint(operation.tags)
    ]
    named = _named(entries, words)
    if named:
        return Found((named,), exact=True)
    wanted = [word.lower() for text in words for word in text.split()]
    if not wanted:
        order = {name: position for position, name in enumerate(contract.tags)}
        return Found(tuple(sorted(entries, key=lambda entry: order[entry.operation.tags[0]])), exact=False)
    scored = [(_score(entry, wanted), entry) for entry in entries]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], len(pair[1].operation.id)))
    if not best:
        raise DevkitError(f"no operation matches {' '.join(words)}", hint=_nearest(contract, wanted, tag))
    return Found(tuple(entry for _, entry in best), exact=False)


def _tags(contract: Contract, wanted: str | None) -> set[str]:
    if wanted is None:
        return set(contract.tags)
    lowered = wanted.lower()
    exact = {tag for tag in contract.tags if lowered in {tag.lower(), _slug(tag)}}
    found = exact or {tag for tag in contract.tags if lowered in tag.lower() or lowered in _slug(tag)}
    if not found:
        raise UsageError(f"there is no tag {wanted}", hint=f"tags are {', '.join(sorted(contract.tags))}")
    return found


def _slug(tag: str) -> str:
    """`app-stripe` of `App: Stripe`."""
    return "-".join(re.findall(r"[a-z0-9]+", tag.lower()))


def _named(entries: Sequence[Entry], words: Sequence[str]) -> Entry | None:
    text = " ".join(words).lower()
    names = {name: entry for entry in entries for name in _names(entry.operation)}
    return names.get(text)


def _names(operation: Operation) -> Iterator[str]:
    yield operation.id.lower()
    yield f"{operation.method} {operation.path}".lower()


def _score(entry: Entry, words: Sequence[str]) -> int:
    """0 where one of the words is found nowhere."""
    fields = {name: (text.lower(), _stems(text)) for name, text in _fields(entry)}
    total = 0
    for word in words:
        worth = max(_worth(name, word, *field) for name, field in fields.items())
        if not worth:
            return 0
        total += worth
    return total


def _fields(entry: Entry) -> Iterator[tuple[str, str]]:
    operation = entry.operation
    yield "id", operation.id
    yield "path", operation.path
    yield "tag", " ".join(operation.tags)
    yield "method", operation.method
    yield "summary", entry.note.summary
    yield "gotchas", " ".join(entry.note.gotchas)


def _worth(field: str, word: str, text: str, stems: frozenset[str]) -> int:
    whole, part = _WEIGHTS[field]
    if _stem(word) in stems:
        return whole
    return part if word in text else 0


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word.lower()) for word in _WORD.findall(text))


def _stem(word: str) -> str:
    """Singular and plural are one word."""
    return word.removesuffix("s") if len(word) > 3 else word


def _nearest(contract: Contract, words: Sequence[str], tag: str | None) -> str:
    ids = {name.lower(): name for name in contract.operations}
    parts = {part.lower(): name for name in contract.operations for part in _WORD.findall(name)}
    close = [
        *(ids[name] for word in words for name in difflib.get_close_matches(word, ids, n=3, cutoff=0.6)),
        *(parts[part] for word in words for part in difflib.get_close_matches(word, parts, n=2, cutoff=0.7)),
    ]
    nearest = list(dict.fromkeys(close))[:5]
    if nearest:
        return f"nearest: {', '.join(nearest)}"
    if tag is not None:
        return "try without --tag"
    return "try fewer words" if len(words) > 1 else "all of them: devkit ops"
