"""Add-ons of subscriptions: how many of each there are at which time.

One is a document of `subscriptionId`, `addonId`, `metadata` and `quantities`: `activeFrom` and `quantity` of each time
that the quantity was set, in the order of requests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain import go_time
from devkit.embedded.domain.errors import Invalid, NotFound
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Spec

SubscriptionAddon = dict[str, Any]
Addon = Mapping[str, Any]
Assignment = Mapping[str, Any]

SINGLE = "single"
_LARGEST = 10_000


@dataclass(frozen=True)
class Instance:
    """A quantity and when it counts."""

    span: Span
    quantity: int


def instances(addon: Mapping[str, Any]) -> list[Instance]:
    """The quantities in the order of time, each until the next one; the last has no end."""
    times = sorted((instant(entry["activeFrom"]), number) for number, entry in enumerate(addon["quantities"]))
    ends = [*(start for start, _ in times[1:]), None]
    return [
        Instance(Span(start, end), addon["quantities"][number]["quantity"])
        for (start, number), end in zip(times, ends, strict=True)
    ]


def with_quantity(addon: SubscriptionAddon, quantity: int, at: datetime, *, now: str) -> SubscriptionAddon:
    """The add-on with another quantity from then on, until the next one that is set already. Raises Invalid."""
    if quantity > _LARGEST:  # each of them is added to the items one by one
        raise Invalid(f"invalid input: devkit's embedded server takes a quantity of at most {_LARGEST}")
    return {
        **addon,
        "quantities": [*addon["quantities"], {"activeFrom": text_of(at), "quantity": quantity}],
        "updatedAt": now,
    }


def are_in(span: Span, addons: Iterable[Mapping[str, Any]]) -> bool:
    """Whether there is, or was, any of the add-ons in the span."""
    found = (one for addon in addons for one in instances(addon))
    return any(one.quantity > 0 and one.span.common(span) is not None for one in found)


def check_first_quantity(quantity: int) -> None:
    """Raises Invalid."""
    if quantity <= 0:
        raise Invalid("initialQuantity must be greater than 0")


def check_first_single(addon: Addon, quantity: int) -> None:
    """Raises Invalid for more than one of a kind that is there once."""
    if addon["instanceType"] == SINGLE and quantity != 1:
        raise Invalid("invalid input: single instance add-on must have initial quantity of 1")


def check_single(addon: Addon, quantity: int) -> None:
    """Raises Invalid for more than one of a kind that is there once."""
    if addon["instanceType"] == SINGLE and quantity > 1:
        raise Invalid("invalid input: single instance addon must have quantity of 1")


def check_assignment(addon: Addon, assignment: Assignment, spec: Spec, *, quantity: int, at: datetime) -> None:
    """Whether the plan allows so many from then on. Raises Invalid."""
    current = spec.phase_at(at)
    if current is None:
        raise Invalid(f"subscription doesn't have an active phase at {go_time.text(at)}")
    named = f"addon {addon['key']}@{addon['version']}"
    first = assignment["fromPlanPhase"]
    keys = [phase.key for phase in spec.sorted_phases()]
    before = keys[: keys.index(first)] if first in keys else keys
    if current.key in before:
        raise Invalid(f"{named} can be only added starting with phase {first}, current phase is {current.key}")
    most = assignment.get("maxQuantity")
    if most is not None and quantity > most:
        raise Invalid(f"{named} can be added a maximum of {most} times")


def not_linked(addon: Addon, plan: Mapping[str, Any]) -> Invalid:
    return Invalid(f"addon {addon['key']}@{addon['version']} is not linked to the plan {plan['key']}@{plan['version']}")


def unknown(id_: str) -> NotFound:
    return NotFound(f"subscription addon {id_} not found")
