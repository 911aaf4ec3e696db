"""Specs for tests: phases of so many days, items by key."""

from datetime import UTC, datetime

from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def card(key: str = "fee", amount: str = "10", **changes: object) -> RateCard:
    price = {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}
    return {"type": "flat_fee", "key": key, "name": key, "billingCadence": "P1M", "price": price} | changes


def phase(key: str, starts_after: str, *items: Item, order: int = 0) -> Phase:
    made = Phase(key, key, parse(starts_after), order=order)
    for item in items or (Item(card()),):
        made.items.setdefault(item.key, []).append(item)
    return made


def spec(*phases: Phase, active_to: datetime | None = None) -> Spec:
    made = Spec("USD", parse("P1M"), START, START, active_to)
    for one in phases or (phase("main", "P0D"),):
        made.phases[one.key] = one
    return made
