"""Rate cards, plans and add-ons for tests, as bodies of requests."""

from typing import Any

Body = dict[str, Any]


def flat(key: str = "fee", **changes: Any) -> Body:
    card = {"type": "flat_fee", "key": key, "name": "Fee", "billingCadence": "P1M"}
    return card | {"price": {"type": "flat", "amount": "10"}} | changes


def usage(key: str = "calls", **changes: Any) -> Body:
    card = {"type": "usage_based", "key": key, "name": "Usage", "featureKey": key, "billingCadence": "P1M"}
    return card | {"price": {"type": "unit", "amount": "1"}} | changes


def phase(*cards: Body, key: str = "main", **changes: Any) -> Body:
    return {"key": key, "name": "Phase", "duration": None, "rateCards": list(cards)} | changes


def plan(*phases: Body, **changes: Any) -> Body:
    body = {"key": "pro", "name": "Pro", "currency": "USD", "billingCadence": "P1M"}
    return body | {"phases": list(phases or (phase(flat()),))} | changes


def addon(*cards: Body, **changes: Any) -> Body:
    body = {"key": "extra", "name": "Extra", "currency": "USD", "instanceType": "single"}
    return body | {"rateCards": list(cards or (flat("seat"),))} | changes
