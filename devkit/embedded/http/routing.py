"""Routes are rows; literal path segments win over parameters, so the order of the rows never matters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devkit.embedded.http.calls import Call, Reply

Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """One operation of the contract and the function that answers it. read_only: no transaction, though it is no GET."""

    operation: str
    handler: Handler
    read_only: bool = False


def by_operation(tables: Iterable[Iterable[Route]]) -> dict[str, Handler]:
    """All rows of all tags, by operation id. Raises ValueError where two rows answer the same operation."""
    handlers: dict[str, Handler] = {}
    for route in (route for table in tables for route in table):
        if route.operation in handlers:
            raise ValueError(f"two routes answer {route.operation}")
        handlers[route.operation] = route.handler
    return handlers
