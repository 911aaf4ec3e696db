"""Subscriptions as documents for the tests of what they bill."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.subscriptions import plan_sources
from devkit.embedded.domain.subscriptions.documents import Subscription, spec_of
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.domain.subscriptions.syncing import synced

START = datetime(2025, 1, 10, 12, tzinfo=UTC)
Card = dict[str, Any]


def fee(key: str, amount: str = "10", *, term: str = "in_advance", cadence: str | None = "P1M", **more: Any) -> Card:
    price = {"type": "flat", "amount": amount, "paymentTerm": term}
    return {"type": "flat_fee", "key": key, "name": key.title(), "billingCadence": cadence, "price": price, **more}


def usage(key: str, amount: str = "2", *, cadence: str = "P1M", **more: Any) -> Card:
    price = {"type": "unit", "amount": amount}
    card = {"type": "usage_based", "key": key, "name": key.title(), "featureKey": key, "billingCadence": cadence}
    return {**card, "price": price, **more}


def phase(key: str, *cards: Card, duration: str | None = None) -> dict[str, Any]:
    return {"key": key, "name": key, "duration": duration, "rateCards": list(cards)}


def subscribed(
    *phases: dict[str, Any],
    start: datetime = START,
    anchor: datetime | None = None,
    cadence: str = "P1M",
    currency: str = "USD",
) -> Subscription:
    """A subscription from the start on."""
    settings = {"enabled": True, "mode": "prorate_prices"}
    plan: dict[str, Any] = {"currency": currency, "billingCadence": cadence, "settlementMode": ""}
    plan |= {"proRatingConfig": settings, "phases": list(phases)}
    spec = plan_sources.spec_of(plan, start, anchor or start)
    made = plan_sources.subscription_of(plan, spec, id_="subscription", now=text_of(start))
    return _written(made, spec)


def changed(subscription: Subscription, change: Callable[[Spec], None]) -> Subscription:
    """The subscription with its spec changed."""
    spec = spec_of(subscription)
    change(spec)
    end = {} if spec.active_to is None else {"activeTo": text_of(spec.active_to)}
    return _written(subscription | end, spec)


def ended(subscription: Subscription, at: datetime) -> Subscription:
    def end(spec: Spec) -> None:
        spec.active_to = at

    return changed(subscription, end)


def _written(subscription: Subscription, spec: Spec) -> Subscription:
    ids = count(len(subscription["phases"]) * 100)
    result = synced(subscription["phases"], spec, new_id=lambda: f"id-{next(ids)}", now=text_of(spec.active_from))
    return {**subscription, "phases": result.phases}
