"""How the Stripe app stands after it was looked after. Nothing in here is a secret."""

from dataclasses import dataclass
from typing import Literal

RepairKind = Literal[
    "installed",
    "reinstalled",
    "secret-renewed",
    "key-updated",
    "address-updated",
    "enabled",
    "events-updated",
    "ownership-written",
    "double-removed",
    "double-disabled",
    "orphan-removed",
]


@dataclass(frozen=True)
class Repair:
    """Something that was done. text: a short sentence"""

    kind: RepairKind
    text: str


@dataclass(frozen=True)
class Standing:
    """app: its id at OpenMeter; account, endpoint: their ids at Stripe; url: where Stripe sends the events.

    notes: what was not done, or what the user should know of what was
    """

    app: str
    account: str
    endpoint: str
    url: str
    repairs: tuple[Repair, ...] = ()
    notes: tuple[str, ...] = ()
