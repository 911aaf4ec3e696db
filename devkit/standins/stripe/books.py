"""What the stand-in remembers of the requests to an account: what was asked and written, what may be replayed."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec

from devkit.standins.stripe.account import Account
from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.faults import Faults
from devkit.standins.stripe.forms import readable

_REMEMBERED = 200
_IDEMPOTENT_INVOICE = "invoice-create-"


@dataclass(frozen=True)
class Answer:
    """Ready to be sent: status, decoded JSON, further headers."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Replay(msgspec.Struct, frozen=True):
    """The first request with an idempotency key, and what it was answered."""

    path: str
    form: bytes
    answer: Answer


class Book:
    """An account and all about its requests. Whoever uses it holds the account's lock."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.reset()

    def reset(self) -> None:
        self.account.reset()
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._writes: list[dict[str, Any]] = []
        self.replays: dict[str, Replay] = {}

    def note(self, method: str, path: str, params: dict[str, Any], headers: dict[str, str]) -> None:
        """Remembers a request. Those of a fixture (X-Standin-Fixture) are not among the writes."""
        key, params = headers.get("idempotency-key"), readable(params)
        self.requests.append(
            {
                "method": method,
                "path": path,
                "params": params,
                "version": headers.get("stripe-version"),
                "idempotency_key": key,
                "user_agent": headers.get("user-agent", "")[:60],
            }
        )
        if method == "GET" or "x-standin-fixture" in headers:
            return
        write: dict[str, Any] = {"method": method, "path": path, "params": params}
        # The keys that clients draw at random would differ each time; this one tells the invoice.
        if key is not None and key.startswith(_IDEMPOTENT_INVOICE):
            write["idempotency_key"] = key
        self._writes.append(write)

    def take_writes(self) -> list[dict[str, Any]]:
        """What was written since it was asked last."""
        taken, self._writes = self._writes, []
        return taken

    def replay(self, key: str | None, path: str, body: bytes) -> Answer | None:
        """The first answer to this idempotency key. Raises StripeError where another request had it."""
        if key is None or key not in self.replays:
            return None
        first = self.replays[key]
        if (first.path, first.form) != (path, body):
            said = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            raise StripeError(400, said, kind="idempotency_error")
        return Answer(first.answer.status, first.answer.body, {"Idempotent-Replayed": "true"})

    def keep(self, key: str | None, path: str, body: bytes, answer: Answer) -> None:
        if key is not None:
            self.replays[key] = Replay(path, body, answer)
