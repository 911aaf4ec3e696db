"""Beginning, changing and ending subscriptions. Each of these belongs into one transaction, which the caller opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import Forbidden, Invalid
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.subscriptions import annotations, edits, overlaps, plan_sources, refusals, states
from devkit.embedded.domain.subscriptions.addon_quantities import are_in
from devkit.embedded.domain.subscriptions.documents import Subscription, spec_of
from devkit.embedded.domain.subscriptions.plan_sources import Plan
from devkit.embedded.domain.subscriptions.spec_issues import check_currency
from devkit.embedded.domain.subscriptions.timings import Timing
from devkit.embedded.store.customers import find_customer, put_customer
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscription_addons import addons_of_subscription
from devkit.embedded.store.subscriptions import (
    find_subscription,
    put_subscription,
    subscriptions_reaching,
)
from devkit.embedded.workflows.billing_setup import check_can_be_billed
from devkit.embedded.workflows.subscription_billing import bill_subscription
from devkit.embedded.workflows.subscription_items import drop_entitlements, write_to_spec


@dataclass(frozen=True)
class Terms:
    """What is asked for besides the plan.

    billing_anchor: the start where None. name: that of the plan where empty.
    """

    timing: Timing = field(default_factory=Timing)
    billing_anchor: datetime | None = None
    name: str = ""
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)


def required_subscription(store: Store, id_: str) -> Subscription:
    """Raises NotFound."""
    found = find_subscription(store, id_)
    if found is None:
        raise refusals.unknown(id_)
    return found


def customer_of(store: Store, subscription: Subscription) -> Customer:
    """The owner, deleted or not."""
    found = find_customer(store, subscription["customerId"])
    if found is None:
        raise refusals.unknown(subscription["id"])
    return found


def subscribe(store: Store, customer: Customer, plan: Plan, terms: Terms) -> Subscription:
    """Begins a subscription to a plan.

    Raises Invalid for the past and for another currency than the customer's, IssuesFound where it overlaps another one,
    Conflict where the customer cannot be billed, and what its entitlements raise.
    """
    start = terms.timing.start(store.now())
    spec = plan_sources.spec_of(plan, start, terms.billing_anchor or start)
    check_currency(spec, customer)
    made = plan_sources.subscription_of(plan, spec, id_=store.new_id(), now=text_of(store.now()))
    made |= {"customerId": customer["id"], "name": terms.name or plan["name"]}
    optional = {"description": terms.description, "metadata": terms.metadata}
    made |= {name: value for name, value in optional.items() if value is not None}
    made |= {"annotations": dict(terms.annotations)}
    others = subscriptions_reaching(store, customer["id"], start)
    overlaps.check(others)
    overlaps.check([*others, made])
    made = write_to_spec(store, made, customer, spec)
    check_can_be_billed(store, customer["id"], spec)
    if "currency" not in customer and spec.has_billables:
        put_customer(store, {**customer, "currency": spec.currency, "updatedAt": text_of(store.now())})
    bill_subscription(store, made)
    return made


def cancel(store: Store, id_: str, timing: Timing) -> Subscription:
    """Ends a subscription. Raises NotFound, Forbidden, Invalid for an instant amid a billing period."""
    subscription = required_subscription(store, id_)
    states.check(subscription, "cancel", store.now())
    spec = spec_of(subscription)
    spec.active_to = timing.of_cancelation(spec, store.now())
    ended = {**subscription, "activeTo": text_of(spec.active_to), "updatedAt": text_of(store.now())}
    ended = write_to_spec(store, ended, customer_of(store, subscription), spec)
    bill_subscription(store, ended, as_of=spec.active_to)
    return ended


def resume(store: Store, id_: str) -> Subscription:
    """Takes a cancelation back. Raises NotFound, Forbidden, IssuesFound where another subscription follows."""
    subscription = required_subscription(store, id_)
    states.check(subscription, "continue", store.now())
    resumed = {name: value for name, value in subscription.items() if name != "activeTo"}
    start = instant(subscription["activeFrom"])
    others = subscriptions_reaching(store, subscription["customerId"], start)
    others = [other for other in others if other["id"] != id_]
    overlaps.check(others)
    overlaps.check([*others, resumed])
    resumed["updatedAt"] = text_of(store.now())
    resumed = write_to_spec(store, resumed, customer_of(store, subscription), spec_of(resumed))
    bill_subscription(store, resumed)
    return resumed


def restore(store: Store, id_: str) -> Subscription:
    """Takes a cancelation back, and deletes what is scheduled for the customer. Raises NotFound, Forbidden."""
    subscription = required_subscription(store, id_)
    for other in subscriptions_reaching(store, subscription["customerId"], store.now()):
        if other["id"] != id_:
            delete(store, other["id"])
    return resume(store, id_)


def delete(store: Store, id_: str) -> None:
    """Deletes a subscription that has not begun. Raises NotFound, Forbidden."""
    subscription = required_subscription(store, id_)
    states.check(subscription, "delete", store.now())
    for changed in annotations.unlinked(subscription, lambda other: find_subscription(store, other)):
        put_subscription(store, changed)
    drop_entitlements(store, subscription)
    deleted = {**subscription, "deletedAt": text_of(store.now())}
    put_subscription(store, deleted)
    bill_subscription(store, deleted)


def edit(store: Store, id_: str, wanted: Sequence[edits.Edit], timing: Timing) -> Subscription:
    """Edits a running subscription, all or nothing. Raises what the operations raise, and Forbidden."""
    subscription = required_subscription(store, id_)
    spec = spec_of(subscription)
    if are_in(spec.span, addons_of_subscription(store, id_)):
        raise Forbidden("subscription with addons cannot be edited")
    edits.check_all(wanted)
    moment = timing.of_edit(spec, store.now())
    edits.apply_all(spec, wanted, moment)
    states.check(subscription, "update", store.now())
    customer = customer_of(store, subscription)
    check_currency(spec, customer)
    edited = write_to_spec(store, subscription, customer, spec)
    check_can_be_billed(store, customer["id"], spec)
    bill_subscription(store, edited)
    return edited


def change(store: Store, id_: str, plan: Plan, terms: Terms) -> tuple[Subscription, Subscription]:
    """Ends a subscription and begins another one with its end: the ended one and the new one.

    Raises what `cancel` and `subscribe` raise.
    """
    current = cancel(store, id_, terms.timing)
    begins = Terms(
        timing=Timing(at=instant(current["activeTo"])),
        billing_anchor=terms.billing_anchor or instant(current["billingAnchor"]),
        name=terms.name,
        description=terms.description,
        metadata=terms.metadata,
        annotations={annotations.PREVIOUS: id_},
    )
    following = subscribe(store, customer_of(store, current), plan, begins)
    linked = {**current["annotations"], annotations.SUPERSEDING: following["id"]}
    current = {**current, "annotations": linked, "updatedAt": text_of(store.now())}
    put_subscription(store, current)
    return current, following


def migrate(store: Store, subscription: Subscription, plan: Plan, terms: Terms) -> tuple[Subscription, Subscription]:
    """Changes a subscription to a later version of its plan; name, description and metadata stay."""
    kept = Terms(
        timing=terms.timing,
        billing_anchor=terms.billing_anchor,
        name=subscription["name"],
        description=subscription.get("description"),
        metadata=subscription.get("metadata"),
    )
    return change(store, subscription["id"], plan, kept)


def check_later_version(subscription: Subscription, plan: Plan, asked: int) -> None:
    """Raises Invalid where the version is not a later one. asked: 0 for the one in force."""
    if plan["version"] <= subscription["plan"]["version"]:
        raise Invalid(
            f"subscription {subscription['id']} is already at version {subscription['plan']['version']},"
            f" cannot migrate to version {asked}"
        )
