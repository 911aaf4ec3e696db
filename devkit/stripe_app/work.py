"""What one reconciliation works with, and what it did so far."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from devkit.stripe_app.account import Account
from devkit.stripe_app.endpoints import Endpoint, of_app
from devkit.stripe_app.place import Place
from devkit.stripe_app.standing import Repair, RepairKind

Tell = Callable[[str], None]

_POLL = 0.1  # seconds


@dataclass
class Work:
    """tell: called with each thing that was done, when it is done"""

    place: Place
    account: Account
    tell: Tell
    repairs: list[Repair] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seen: list[Endpoint] = field(default_factory=list)

    def did(self, kind: RepairKind, text: str) -> None:
        self.repairs.append(Repair(kind, text))
        self.tell(text)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def endpoints_of(self, app: str) -> list[Endpoint]:
        """The best first."""
        self._seen = self.account.endpoints()
        return of_app(self._seen, app, self.place.owner)

    def left_from_before(self, app: str) -> list[Endpoint]:
        """This instance's endpoints for other apps than its own, as they were seen last.

        OpenMeter has one app for each account, so those apps went with data that was destroyed.
        """
        return [one for one in self._seen if self.place.owner.owns(one.metadata) and one.app != app]

    def wait_for_endpoint(self, app: str, within: float) -> list[Endpoint]:
        """Those of an app that was just installed; empty where there is none after so many seconds."""
        deadline = time.monotonic() + within
        while True:
            found = self.endpoints_of(app)
            if found or time.monotonic() > deadline:
                return found
            time.sleep(_POLL)
