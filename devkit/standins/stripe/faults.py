"""Faults on demand: an answer that is late, wrong, or never comes."""

import time
from dataclasses import dataclass
from typing import Any

from devkit.standins.stripe.errors import INVALID, StripeError

_CODES = {429: "rate_limit"}
_OF_THE_CALLER = frozenset({401, 403, 429})


class Dropped(Exception):  # noqa: N818 - not an error: it was asked for
    """The connection is closed without an answer."""


@dataclass
class Fault:
    """method, path: of which requests (None: all); times: how often; delay: seconds before it happens."""

    method: str | None = None
    path: str | None = None
    status: int | None = None
    message: str = "injected"
    times: int = 1
    delay: float = 0
    drop: bool = False

    def concerns(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in (None, method) and self.path in (None, path)

    def happen(self) -> None:
        """Raises StripeError or Dropped, if it does not only delay."""
        time.sleep(self.delay)
        if self.drop:
            raise Dropped
        if self.status is not None:
            kind = INVALID if self.status in _OF_THE_CALLER else "api_error"
            raise StripeError(self.status, self.message, kind=kind, code=_CODES.get(self.status))


class Faults:
    """Those that are still to happen. Whoever uses it holds the account's lock, but while a fault happens."""

    def __init__(self) -> None:
        self.all: list[Fault] = []

    def add(self, given: dict[str, Any]) -> None:
        """Raises StripeError for members that no fault has."""
        try:
            self.all.append(Fault(**given))
        except TypeError as error:
            raise StripeError(400, f"a fault takes {', '.join(Fault.__dataclass_fields__)}: {error}") from None

    def take(self, method: str, path: str) -> list[Fault]:
        """The faults of a request; each happens once less."""
        found = [fault for fault in self.all if fault.concerns(method, path)][:1]
        for fault in found:
            fault.times -= 1
        self.all = [fault for fault in self.all if fault.times > 0]
        return found
