"""Subscriptions become lines and invoices: after every change, and on the clock.

As OpenMeter's billing worker does it: first the lines follow the subscription, then all is invoiced that is due for its
customer, metered lines only as a whole. A failure is logged and leaves the subscription as it is.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.background import Job
from devkit.embedded.domain.billing import subscription_lines as rules
from devkit.embedded.domain.billing.lines import Line, is_edited
from devkit.embedded.domain.billing.subscription_lines import Record
from devkit.embedded.domain.billing.subscription_periods import Billable, Expectation, expected
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import Plain, Refusal
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.invoices import invoice_of_line
from devkit.embedded.store.store import Store
from devkit.embedded.store.subscription_billing import (
    billing_records,
    due_subscriptions,
    put_billing_records,
    schedule,
)
from devkit.embedded.store.subscriptions import KIND
from devkit.embedded.workflows.charge_changes import end_charge_at, give_up_charge
from devkit.embedded.workflows.invoice_line_changes import LineChanges, apply_changes
from devkit.embedded.workflows.invoicing_pending_lines import invoice_pending_lines
from devkit.embedded.workflows.pending_lines import add_pending_lines, with_existing_tax_code

_log = logging.getLogger(__name__)
#: A subscription that changes is looked at just after the change, so that its period has begun.
_MOMENT = timedelta(microseconds=1)
#: When a failed one is looked at again.
_PAUSE = timedelta(hours=1)
_NOTHING_DUE = "invoice_create_no_lines"


def bill_subscription(store: Store, subscription: Subscription, *, as_of: datetime | None = None) -> None:
    """Bills what a new or changed subscription brings with it.

    as_of: the present where None; what falls due by then has its lines afterwards
    """
    now = store.now()
    id_ = subscription["id"]
    if not _attempt(store, id_, lambda: _sync(store, subscription, as_of or now + _MOMENT)):
        schedule(store, id_, now + _PAUSE)
    _attempt(store, id_, lambda: _invoice_due(store, subscription["customerId"], now))


def bill_due_subscriptions(store: Store, now: datetime) -> None:
    """Bills all that falls due with time, period by period."""
    while due := due_subscriptions(store, now):
        for at, id_ in due:
            subscription = store.records.get(KIND, id_)
            if subscription is None:
                schedule(store, id_, None)
                continue
            with store.clock.at(at):
                if not _bill_at(store, subscription, at):
                    schedule(store, id_, now + _PAUSE)


def _bill_at(store: Store, subscription: Subscription, at: datetime) -> bool:
    """Whether its lines follow it; what is due may be invoiced later, too."""
    id_ = subscription["id"]
    synced = _attempt(store, id_, lambda: _sync(store, subscription, at + _MOMENT, looked_at=at))
    _attempt(store, id_, lambda: _invoice_due(store, subscription["customerId"], at))
    return synced


def _sync(store: Store, subscription: Subscription, as_of: datetime, *, looked_at: datetime | None = None) -> None:
    """Makes the lines follow the subscription. A deleted customer is billed no more."""
    customer = find_customer(store, subscription["customerId"])
    if customer is None or "deletedAt" in customer:
        schedule(store, subscription["id"], None)
        return
    found = Expectation((), None) if "deletedAt" in subscription else expected(subscription, as_of)
    follow_up = _FollowUp(store, subscription, customer, billing_records(store, subscription["id"]))
    follow_up.apply(found.billables)
    put_billing_records(store, subscription["id"], follow_up.records)
    later = found.until is not None and found.until > (looked_at or store.now())
    schedule(store, subscription["id"], found.until if later else None)


def _invoice_due(store: Store, customer_id: str, as_of: datetime) -> None:
    try:
        invoice_pending_lines(store, customer_id, "default", as_of=as_of, progressive=False)
    except Plain as refusal:
        if refusal.extensions.get("code") != _NOTHING_DUE:
            raise


def _attempt(store: Store, subscription_id: str, work: Callable[[], None]) -> bool:
    try:
        with store.records.attempt():
            work()
    except Refusal as refusal:
        _log.warning("subscription %s is not billed: %s", subscription_id, refusal)
        return False
    except Exception:  # noqa: BLE001 - whatever it is, it is no failure of the subscription
        _log.exception("subscription %s is not billed", subscription_id)
        return False
    return True


@dataclass
class _FollowUp:
    """One subscription on the way to what it should have billed."""

    store: Store
    subscription: Subscription
    customer: Customer
    records: dict[str, Record]
    changes: LineChanges = field(default_factory=LineChanges)
    new: list[tuple[str, Line]] = field(default_factory=list)

    def apply(self, billables: tuple[Billable, ...]) -> None:
        plan = rules.plan(self.records, billables)
        if not plan:
            return
        for key in plan.dropped:
            if not self._is_edited(self.records[key]):
                self._drop(self.records.pop(key))
        for billable in plan.changed:
            self._change(billable)
        for billable in plan.new:
            self._begin(billable)
        self._add_lines()
        apply_changes(self.store, self.changes)

    def _is_edited(self, record: Record) -> bool:
        """Whether someone changed its fee by hand; such a line stays as it is."""
        invoice = invoice_of_line(self.store, record["lineId"]) if "lineId" in record else None
        return invoice is not None and any(
            line["id"] == record["lineId"] and is_edited(line) for line in invoice["lines"]
        )

    def _drop(self, record: Record) -> None:
        if "chargeId" in record:
            give_up_charge(self.store, record["chargeId"], self.changes)
        elif "lineId" in record:
            self.changes.gone.add(record["lineId"])

    def _change(self, billable: Billable) -> None:
        before = self.records[billable.key]
        record = {**before, **rules.record_of(billable, self.subscription)}
        if rules.cut_short(billable, before):
            record["amount"] = "0"
        self.records[billable.key] = record
        if self._is_edited(before):
            return
        if billable.is_flat:
            self._change_fee(billable, before, record)
        else:
            self._end_charge(billable, record)

    def _change_fee(self, billable: Billable, before: Record, record: Record) -> None:
        if record["amount"] == "0":
            self._drop(before)
            record.pop("lineId", None)
            return
        line = rules.pending_line(billable, self.subscription)
        if line is None:
            return
        if "lineId" not in before:
            self.new.append((billable.key, line))
            return
        names = ("period", "invoiceAt", "price", "subscription", "fullPeriod")
        changed = {name: line[name] for name in names if name in line}
        self.changes.changed[before["lineId"]] = changed
        if record["amount"] != before["amount"]:
            self.changes.repriced.add(before["lineId"])

    def _end_charge(self, billable: Billable, record: Record) -> None:
        line = rules.pending_line(billable, self.subscription)
        if line is None:
            return
        pending = {"invoiceAt": line["invoiceAt"], "subscription": line["subscription"]}
        end = billable.service.end
        rest = end_charge_at(self.store, record["chargeId"], end, pending, self.changes)
        if rest is not None:
            self.new.append((billable.key, {**record["line"], **pending, "period": rest}))

    def _begin(self, billable: Billable) -> None:
        self.records[billable.key] = rules.record_of(billable, self.subscription)
        line = rules.pending_line(billable, self.subscription)
        if line is not None:
            self.new.append((billable.key, line))

    def _add_lines(self) -> None:
        if not self.new:
            return
        keys = [key for key, _ in self.new]
        lines = [self._complete(line) for _, line in self.new]
        added = add_pending_lines(self.store, self.customer, self.subscription["currency"], lines)
        for key, line in zip(keys, added.lines, strict=True):
            made = {"lineId": line["id"]}
            if "chargeId" in line:
                made |= {"chargeId": line["chargeId"], "line": line}
            self.records[key] |= made

    def _complete(self, line: Line) -> Line:
        """With a tax code, and with correlation ids of its discounts."""
        given: Mapping[str, Mapping[str, Any]] = line.get("discounts", {})
        discounts = {name: {"correlationId": self.store.new_id(), **one} for name, one in given.items()}
        return with_existing_tax_code(self.store, {**line, **({"discounts": discounts} if discounts else {})})


#: What falls due with time.
JOBS = (Job("subscription billing", bill_due_subscriptions),)
