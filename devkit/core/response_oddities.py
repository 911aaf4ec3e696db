"""Where OpenMeter is known to break its own contract. Data with reasons: assets/response-oddities.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from devkit.core.data import data_path
from devkit.core.document_source import Document, read_document
from devkit.core.schema_check import Violation


@dataclass(frozen=True)
class Oddity:
    """One known deviation. `operations` is empty where it concerns all of them.

    What it excuses: `documented` or `schema` a status, `media_type` a body of that kind ("" for none),
    `at` and `says` violations at these pointers (* stands for one segment) whose reason begins so.
    """

    operations: frozenset[str]
    reason: str
    line: int
    statuses: tuple[str, ...] = ()
    documented: str | None = None
    schema: str | None = None
    media_type: str | None = None
    at: tuple[str, ...] = ()
    says: str = ""

    def concerns(self, operation: str, status: int) -> bool:
        known = {str(status), f"{status // 100}xx"}
        return (not self.operations or operation in self.operations) and (
            not self.statuses or not known.isdisjoint(self.statuses)
        )

    def covers(self, violation: Violation) -> bool:
        return violation.reason.startswith(self.says) and any(_fits(pointer, violation.path) for pointer in self.at)


def _fits(pattern: str, pointer: str) -> bool:
    wanted, given = pattern.split("/"), pointer.split("/")
    return len(wanted) == len(given) and all(one in {"*", other} for one, other in zip(wanted, given, strict=True))


@cache
def known_oddities() -> tuple[Oddity, ...]:
    """Those that devkit ships."""
    return load_oddities(data_path("assets/response-oddities.yaml"))


def load_oddities(path: Path) -> tuple[Oddity, ...]:
    """Reads such a file. Raises InputError with a place where an entry is not understood."""
    source = read_document(path)
    if not isinstance(source.value, Mapping):
        raise source.error("a mapping of statuses, media and values belongs here")
    unknown = [group for group in source.value if group not in _GROUPS]
    if unknown:
        raise source.error(f"unknown group {unknown[0]}", unknown[0], hint=f"known: {', '.join(_GROUPS)}")
    for group, entries in source.value.items():
        if not isinstance(entries, list):
            raise source.error(f"{group} must be a list", group)
    return tuple(_entry(source, group, index) for group in source.value for index in range(len(source.value[group])))


_GROUPS: Mapping[str, frozenset[str]] = {
    "statuses": frozenset({"operations", "answers", "as", "schema", "reason"}),
    "media": frozenset({"operations", "answers", "type", "reason"}),
    "values": frozenset({"operations", "statuses", "at", "says", "reason"}),
}


def _entry(source: Document, group: str, index: int) -> Oddity:
    raw = source.value[group][index]
    if not isinstance(raw, Mapping):
        raise source.error("a mapping belongs here", group, index)
    missing = {"operations", "reason"} - set(raw)
    unknown = set(raw) - _GROUPS[group]
    if missing or unknown:
        what = f"lacks {', '.join(sorted(missing))}" if missing else f"{', '.join(sorted(unknown))} is not known here"
        raise source.error(f"this entry {what}", group, index, hint=f"it may have {', '.join(sorted(_GROUPS[group]))}")
    statuses = raw.get("statuses", [raw["answers"]] if "answers" in raw else [])
    return Oddity(
        operations=frozenset() if raw["operations"] == "*" else frozenset(raw["operations"]),
        reason=raw["reason"],
        line=source.place(group, index).line,
        statuses=_texts(statuses),
        documented=_text(raw.get("as")),
        schema=raw.get("schema"),
        media_type=raw.get("type"),
        at=_texts(raw.get("at", ())),
        says=raw.get("says", ""),
    )


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
