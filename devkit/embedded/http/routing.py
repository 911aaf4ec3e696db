"""Routes are rows; literal path segments win over parameters, so the order of the rows never matters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from devkit.embedded.http.calls import Call, Reply

Handler = Callable[[Call], Reply]
T = TypeVar("T")


@dataclass(frozen=True)
class Route:
    """One operation and the function that answers it.

    read_only: it writes nothing, though it is no GET
    atomic:    False where what is written before a refusal stays
    """

    operation: str
    handler: Handler
    read_only: bool = False
    atomic: bool = True


def by_operation(tables: Iterable[Iterable[Route]]) -> dict[str, Route]:
    """All rows of all tags, by operation id. Raises ValueError where two rows answer the same operation."""
    routes: dict[str, Route] = {}
    for route in (route for table in tables for route in table):
        if route.operation in routes:
            raise ValueError(f"two routes answer {route.operation}")
        routes[route.operation] = route
    return routes


@dataclass
class _Node(Generic[T]):
    literals: dict[bytes, "_Node[T]"] = field(default_factory=dict)
    parameter: "_Node[T] | None" = None
    targets: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)


class Router(Generic[T]):
    """Finds the target of a path and method."""

    def __init__(self) -> None:
        self._root = _Node[T]()

    def add(self, method: str, path: str, target: T) -> None:
        """path: as the contract writes it, `/api/v1/meters/{meterIdOrSlug}`."""
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literals.setdefault(segment.encode(), _Node())
        node.targets[method] = (target, tuple(names))

    def find(self, method: str, path: bytes) -> tuple[T, dict[str, bytes]] | None:
        """The target and the raw values of its parameters; None where the path is known but not with this method.

        Raises LookupError where the path is unknown. A parameter may be empty, but not at the end of a path.
        """
        nodes = list(self._matches(self._root, path.split(b"/")[1:], ()))
        if not nodes:
            raise LookupError(path)
        for node, values in nodes:
            if method in node.targets:
                target, names = node.targets[method]
                return target, dict(zip(names, values, strict=True))
        return None

    def _matches(
        self, node: _Node[T], segments: Sequence[bytes], values: tuple[bytes, ...]
    ) -> Iterable[tuple[_Node[T], tuple[bytes, ...]]]:
        if not segments:
            if node.targets:
                yield node, values
            return
        head, rest = segments[0], segments[1:]
        literal = node.literals.get(head)
        if literal is not None:
            yield from self._matches(literal, rest, values)
        if node.parameter is not None and (head or rest):
            yield from self._matches(node.parameter, rest, (*values, head))
