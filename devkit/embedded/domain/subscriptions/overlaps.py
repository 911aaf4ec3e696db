"""A customer has one subscription at a time: those that overlap are told, each with its place."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from devkit.embedded.domain import go_time
from devkit.embedded.domain.errors import IssuesFound
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.issues import Issue

Subscription = Mapping[str, Any]


def check(subscriptions: Iterable[Subscription]) -> None:
    """Raises IssuesFound where one begins before the one before it ends; each pair has an issue for each side."""
    ordered = sorted(subscriptions, key=lambda subscription: instant(subscription["activeFrom"]))
    found = []
    for before, after in pairwise(ordered):
        ends = _end(before)
        if ends is None or instant(after["activeFrom"]) < ends:
            found += [_issue(before), _issue(after)]
    if found:
        raise IssuesFound(found, status=409)


def reaches(subscription: Subscription, start: datetime) -> bool:
    """Whether it is active at the instant or later."""
    ends = _end(subscription)
    return ends is None or ends > start


def _end(subscription: Subscription) -> datetime | None:
    return instant(subscription["activeTo"]) if "activeTo" in subscription else None


def _issue(subscription: Subscription) -> Issue:
    plan = subscription.get("plan")
    plans = "plans"
    if plan is not None:
        plans += f"[?({_equal(key=plan['key'], version=plan['version'], id=plan['id'])})]"
    facts = {"customerId": subscription["customerId"]}
    facts |= {name: _time(subscription[name]) for name in ("activeFrom", "activeTo") if name in subscription}
    return Issue(
        "only single subscription is allowed per customer at a time",
        "only_single_subscription_allowed_per_customer_at_a_time",
        f"{plans}.subscriptions[?({_equal(**facts)})]",
        status=409,
    )


def _equal(**facts: object) -> str:
    return " && ".join(f"@.{name}=='{value}'" for name, value in facts.items())


def _time(text: str) -> str:
    return go_time.text(instant(text))
