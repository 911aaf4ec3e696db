"""Recorded scenarios as a way into every corner of the server: their requests are bent on the way."""

import itertools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from devkit.core.contract import Contract, Operation
from tests.fuzz.places import Request, quoted

FIDELITY = Path(__file__).parents[1] / "fidelity"
sys.path.insert(0, str(FIDELITY))  # the replayer imports its parts by their bare names

from scenario import Replayer, walk  # noqa: E402


@dataclass(frozen=True)
class Scene:
    """A recorded scenario. steps: those that go to OpenMeter's API, with their operations."""

    name: str
    recording: Mapping[str, Any]
    steps: tuple[tuple[Operation, Mapping[str, Any]], ...]


def scenes(contract: Contract, answered: frozenset[str]) -> Iterator[Scene]:
    """The scenarios that only use operations that are answered and nothing outside."""
    patterns = [(operation, _pattern(operation)) for operation in contract.operations.values()]
    for file in sorted((FIDELITY / "recordings").rglob("*.json")):
        recording = json.loads(file.read_text(encoding="utf-8"))
        found = [(_operation(patterns, step), step) for step in recording["steps"]]
        known = tuple((operation, step) for operation, step in found if operation is not None)
        if len(known) == len(found) and all(operation.id in answered for operation, _ in known):
            yield Scene(f"{recording['tag']}/{recording['name']}", recording, known)


def failing_at_openmeter(contract: Contract) -> set[str]:
    """The operations for which a 500 of the real server was recorded."""
    patterns = [(operation, _pattern(operation)) for operation in contract.operations.values()]
    failing = set()
    for file in (FIDELITY / "recordings").rglob("*.json"):
        for step in json.loads(file.read_text(encoding="utf-8"))["steps"]:
            if step["response"]["status"] == 500 and (operation := _operation(patterns, step)):
                failing.add(operation.id)
    return failing


_NAMES = (f"n{number:09}".encode() for number in itertools.count())


class Actor:
    """Fills the placeholders of a scenario as its answers come in."""

    def __init__(self, scene: Scene) -> None:
        self._replayer = Replayer(scene.recording, http=None)

    def request(self, operation: Operation, step: Mapping[str, Any]) -> Request:
        filled = walk({key: value for key, value in step.items() if key != "response"}, self._replayer.fill)
        query = filled.get("query") or {}
        pairs = query if isinstance(query, list) else list(_pairs(query))
        body = filled["raw"].encode() if "raw" in filled else None
        if "body" in filled:
            body = json.dumps(filled["body"]).encode()
        return Request(
            operation,
            path=_parameters(operation, filled["path"]),
            query=tuple((quoted(name), quoted(value)) for name, value in pairs),
            body=body,
            headers={name.lower(): value for name, value in (filled.get("headers") or {}).items()},
        )

    def renamed(self, request: Request) -> Request:
        """The same request with keys of its own in the body, so that what it makes is new."""
        return replace(request, body=(request.body or b"").replace(self._replayer.run.encode(), next(_NAMES)))

    def learn(self, step: Mapping[str, Any], status: int, body: bytes) -> None:
        """Remembers the ids of an answer."""
        if status == step["response"]["status"]:
            try:
                self._replayer.bind(step["response"]["body"], json.loads(body))
            except (ValueError, AttributeError, TypeError, KeyError, IndexError):
                return  # a bent request before it changed what there is; what comes later goes on without these ids


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in query.items():
        for part in value if isinstance(value, list) else [value]:
            yield name, part


def _pattern(operation: Operation) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.path)))


def _operation(patterns: list[tuple[Operation, re.Pattern[str]]], step: Mapping[str, Any]) -> Operation | None:
    if "to" in step:
        return None
    found = [
        operation
        for operation, pattern in patterns
        if operation.method == step["method"] and pattern.fullmatch(step["path"])
    ]
    return min(found, key=lambda operation: operation.path.count("{"), default=None)


def _parameters(operation: Operation, path: str) -> dict[str, str]:
    found = _pattern(operation).fullmatch(path)
    return found.groupdict() if found else {}
