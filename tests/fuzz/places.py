"""Where a request can be bent, and into what: from the contract and from requests that were recorded."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from devkit.core.contract import Contract, Operation

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_DEEP: Any = json.loads("[" * 150 + "]" * 150)
_ABSENT = object()

#: What a property of a body becomes: other types, out of bounds, huge, nested deep, or nothing.
BENT: tuple[Any, ...] = (
    _ABSENT,
    None,
    True,
    0,
    -1,
    0.5,
    1e308,
    10**30,
    -(10**30),
    "",
    " ",
    "\x00",
    "\ud800",
    "x" * 70_000,
    "2024-02-30T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00Z",
    "P99999999999Y",
    "-P1D",
    "1e999",
    "(((((",
    UNKNOWN,
    [],
    [None],
    {},
    {"": None},
    _DEEP,
    {"$and": _DEEP},
)
#: What a query parameter becomes; as it goes onto the wire.
BENT_QUERY = (
    "",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "x",
    "%00",
    "%FF",
    "%",
    "[",
    "%7B%7D",
    "null",
    UNKNOWN,
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "x" * 20_000,
)
BENT_PATH = (UNKNOWN, "nobody", "%00", "%FF", "%2525", "%2F", "..", "%20", "x" * 3000)
#: Bodies that are no JSON, or none that anything expects.
BENT_BODIES = (b"", b"{", b"null", b"[]", b"[null]", b'"x"', b"5", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5_000)
_FREE_MAPS = frozenset({"metadata", "annotations", "groupBy", "data", "filterGroupBy", "meterGroupByFilters"})


@dataclass(frozen=True)
class Request:
    """A request as it goes onto the wire. path: raw; query: raw pairs."""

    operation: Operation
    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", value)
        return "?".join([path, *(["&".join(f"{name}={value}" for name, value in self.query)] if self.query else [])])


Bend = Callable[[Request, Any], Request]


def places(contract: Contract, request: Request) -> Iterator[tuple[str, Sequence[Any], Bend]]:
    """Where this request can be bent: the name of the place, what it can become, and how that is done."""
    for parameter in request.operation.parameters:
        if parameter.location == "path":
            yield f"path {parameter.name}", BENT_PATH, _in_path(parameter.name)
        elif parameter.location == "query":
            yield f"query {parameter.name}", BENT_QUERY, _in_query(parameter.name)
    if request.operation.bodies:
        yield "body", BENT_BODIES, lambda bent, body: replace(bent, body=body)
    if request.body:
        yield "body cut off", range(1, 8), _cut
        yield from _in_body(contract, request)


def _in_path(name: str) -> Bend:
    return lambda request, value: replace(request, path={**request.path, name: value})


def _in_query(name: str) -> Bend:
    def bend(request: Request, value: str) -> Request:
        others = tuple(pair for pair in request.query if pair[0] != name)
        return replace(request, query=(*others, (name, value)))

    return bend


def _cut(request: Request, eighth: int) -> Request:
    assert request.body is not None
    return replace(request, body=request.body[: len(request.body) * eighth // 8])


def _in_body(contract: Contract, request: Request) -> Iterator[tuple[str, Sequence[Any], Bend]]:
    try:
        body = json.loads(request.body or b"")
    except ValueError:
        return
    steps = [*_steps(body, ())]
    if isinstance(body, dict):
        known = {name for schema in request.operation.bodies.values() for name in _properties(contract, schema)}
        steps += [(name,) for name in sorted(known - set(body))]
    for path in steps:
        yield f"body {_pattern(path)}", BENT, _at(path)


def _steps(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from _steps(part, (*path, key))


def _properties(contract: Contract, schema: Mapping[str, Any]) -> Iterator[str]:
    resolved = contract.resolve(schema)
    yield from resolved.get("properties", {})
    for part in (*resolved.get("allOf", ()), *resolved.get("oneOf", ()), *resolved.get("anyOf", ())):
        yield from _properties(contract, part)


def _pattern(path: Sequence[str | int]) -> str:
    """The place without positions in lists and without keys of free maps."""
    free = next((number for number, step in enumerate(path) if step in _FREE_MAPS), len(path))
    steps = ["*" if isinstance(step, int) or number > free else str(step) for number, step in enumerate(path)]
    return "/".join(steps)


def _at(path: Sequence[str | int]) -> Bend:
    def bend(request: Request, value: Any) -> Request:
        body: Any = json.loads(request.body or b"")
        holder = body
        for step in path[:-1]:
            holder = holder[step]
        if value is _ABSENT:
            with suppress(KeyError):  # a property that was added by the contract is not there
                del holder[path[-1]]
        else:
            holder[path[-1]] = value
        return replace(request, body=json.dumps(body).encode())

    return bend


def quoted(value: object) -> str:
    """A value as it stands in a path or a query."""
    return quote("true" if value is True else "false" if value is False else str(value), safe="")
