"""The balance worker: looks at entitlements that were used or changed, and tells the rules what it finds.

Only entitlements that a threshold rule is about are looked at, also for resets; that is how OpenMeter's worker goes.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain.entitlement_views import entitlement_v1, value_v1
from devkit.embedded.domain.entitlements import Entitlement, active_until, is_active
from devkit.embedded.domain.errors import Refusal
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.notifications import rules as rule_rules
from devkit.embedded.domain.notifications import snapshots
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.domain.notifications.thresholds import crossed, deduplication_hash, kind_of, same
from devkit.embedded.domain.usage_periods import of_entitlement
from devkit.embedded.store.balance_looks import ask_for_look, remember_seq, seen_seq, take_looks, used_since
from devkit.embedded.store.entitlements import active_entitlements_of_customer, find_entitlement
from devkit.embedded.store.meters import all_meters
from devkit.embedded.store.notifications import active_rules, any_event_between, last_event_with_hash
from devkit.embedded.store.store import Store
from devkit.embedded.store.subjects import live_subject
from devkit.embedded.store.usage_attribution import customer_of_subject
from devkit.embedded.workflows.balances import balance_at
from devkit.embedded.workflows.notifications.raising import raise_event

_log = logging.getLogger(__name__)


def begin_watching(store: Store) -> None:
    """Lets usage count from here on, unless it does already."""
    if seen_seq(store) is None:
        remember_seq(store, store.events.newest_seq)


def watch_balances(store: Store, now: datetime, limit: int = -1) -> int:
    """Looks at the entitlements that were used or changed since the last time, and returns at how many.

    limit: how many at most, -1 for all; the other ones wait for the next time
    """
    watching = active_rules(store, rule_rules.BALANCE_THRESHOLD)
    for entitlement_id in dict.fromkeys(_used(store, watching)):
        ask_for_look(store, entitlement_id)
    looks = take_looks(store, limit)
    for entitlement_id, reset in looks:
        _look(store, entitlement_id, watching, now, reset=reset)
    return len(looks)


def _used(store: Store, watching: Sequence[Rule]) -> list[str]:
    """The ids of the entitlements that new events may have used, as far as a rule is about them."""
    seen = seen_seq(store)
    if not watching:
        if seen is not None:
            remember_seq(store, None)
        return []
    newest = store.events.newest_seq
    if seen is None or newest > seen:
        remember_seq(store, newest)
    if seen is None or newest <= seen:
        return []
    types = {meter["slug"]: meter["eventType"] for meter in all_meters(store)}
    return [
        entitlement["id"]
        for type_, subject, first, last in used_since(store, seen, sorted(set(types.values())))
        for entitlement in _entitlements_of_subject(store, subject)
        if types.get(_meter_of(store, entitlement)) == type_
        and _may_be_used(entitlement, first, last)
        and any(_is_about(rule, entitlement) for rule in watching)
    ]


def _entitlements_of_subject(store: Store, subject: str) -> list[Entitlement]:
    customer_id = customer_of_subject(store.records, subject)
    return active_entitlements_of_customer(store, customer_id) if customer_id is not None else []


def _meter_of(store: Store, entitlement: Entitlement) -> str:
    """The slug of the meter that counts for it; empty where it is not metered."""
    feature = store.records.get("feature", entitlement["featureId"])
    return str((feature or {}).get("meterSlug", "")) if entitlement["type"] == "metered" else ""


def _may_be_used(entitlement: Entitlement, first: int, last: int) -> bool:
    """Whether events between the two times (epoch seconds) may lie in its active period."""
    end = active_until(entitlement)
    return last >= instant(entitlement["activeFrom"]).timestamp() and (end is None or first < end.timestamp())


def _look(store: Store, entitlement_id: str, watching: Sequence[Rule], now: datetime, *, reset: bool) -> None:
    entitlement = find_entitlement(store, entitlement_id)
    if entitlement is None or entitlement["type"] != "metered" or not is_active(entitlement, now):
        return
    about_it = [rule for rule in watching if _is_about(rule, entitlement)]
    if not about_it:
        return
    start = of_entitlement(entitlement).period_at(now)[0]
    try:
        look = _Look.at(store, entitlement, start if reset else now)
    except Refusal as refusal:
        _log.warning("the balance of entitlement %s cannot be told: %s", entitlement_id, refusal.detail)
        return
    for rule in about_it:
        look.tell_thresholds(rule)
    if reset:
        look.tell_reset()


def _is_about(rule: Rule, entitlement: Entitlement) -> bool:
    return rule_rules.is_about(rule, entitlement["featureId"], entitlement["featureKey"])


@dataclass(frozen=True)
class _Look:
    """What is known of an entitlement at an instant. data: as the payload of its events has it"""

    store: Store
    entitlement: Entitlement
    data: Mapping[str, Any]

    @classmethod
    def at(cls, store: Store, entitlement: Entitlement, moment: datetime) -> "_Look":
        """Raises Refusal where there is no balance."""
        value = value_v1(entitlement, balance_at(store, entitlement, moment))
        customer = store.records.get("customer", entitlement["customerId"]) or {}
        key = snapshots.subject_key(customer)
        data = {
            "customer": customer,
            "entitlement": entitlement_v1(entitlement, customer, store.now()),
            "feature": store.records.get("feature", entitlement["featureId"]),
            "subject": (live_subject(store, key) if key else None) or snapshots.unknown_subject(key),
            "value": value,
        }
        return cls(store, entitlement, data)

    def tell_thresholds(self, rule: Rule) -> None:
        """Makes an event for each threshold that is crossed, unless it is the one that was told last."""
        for threshold in crossed(rule["thresholds"], self.data["value"]):
            subject_key = self.data["subject"]["key"]
            hash_ = deduplication_hash(kind_of(threshold), rule["id"], self.data["entitlement"], subject_key)
            last = last_event_with_hash(self.store, hash_)
            if last is None or not same(last["data"]["threshold"], threshold):
                annotations = snapshots.annotations(self.data, hash_)
                raise_event(self.store, rule, {**self.data, "threshold": threshold}, annotations)

    def tell_reset(self) -> None:
        """Makes the events of a reset. Any event of the new usage period, whatever it is about, keeps them from it."""
        period = self.data["entitlement"]["currentUsagePeriod"]
        for rule in active_rules(self.store, rule_rules.RESET):
            if not _is_about(rule, self.entitlement):
                continue
            if not any_event_between(self.store, instant(period["from"]), instant(period["to"])):
                raise_event(self.store, rule, self.data, snapshots.annotations(self.data))
