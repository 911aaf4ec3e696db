"""The pending lines that subscriptions make, and what becomes of them when the subscription changes.

What a subscription billed so far is kept by the keys of its billables, as records:
    service, full, billing {from, to}   the periods as they were last
    lineId                              the line; of a metered one that is split, its first part
    chargeId?                           of a metered one
    amount?                             of a fee: what it comes to, as a numeric
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.lines import SUBSCRIPTION, Line
from devkit.embedded.domain.billing.proration import share_of_fee
from devkit.embedded.domain.billing.rating.money import rounded
from devkit.embedded.domain.billing.subscription_periods import Billable, Period
from devkit.embedded.domain.catalog.prices import IN_ADVANCE
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.numerics import of_decimal

Record = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What to do so that the invoices follow the subscription. Keys of records, and billables.

    dropped: their billables are there no more
    changed: their periods end at another instant
    """

    dropped: tuple[str, ...]
    changed: tuple[Billable, ...]
    new: tuple[Billable, ...]

    def __bool__(self) -> bool:
        return bool(self.dropped or self.changed or self.new)


def plan(known: Mapping[str, Record], billables: tuple[Billable, ...]) -> Plan:
    """What leads from the records to the billables."""
    wanted = {billable.key: billable for billable in billables}
    ended = {key: record["service"]["to"] for key, record in known.items()}
    return Plan(
        dropped=tuple(sorted(key for key in known if key not in wanted)),
        changed=tuple(
            wanted[key] for key in sorted(wanted) if key in known and ended[key] != text_of(wanted[key].service.end)
        ),
        new=tuple(billable for billable in billables if billable.key not in known),
    )


def record_of(billable: Billable, subscription: Mapping[str, Any]) -> Record:
    """The record of a billable, without the line that bills it."""
    amount = fee(billable, subscription) if billable.is_flat else None
    periods = {"service": billable.service, "full": billable.full, "billing": billable.billing}
    return {
        **{name: period_document(period) for name, period in periods.items()},
        **({} if amount is None else {"amount": of_decimal(amount)}),
    }


def cut_short(billable: Billable, record: Record) -> bool:
    """Whether nothing is left of a period that had a length; what begins without one is billed in full."""
    return not billable.service.length and record["service"]["from"] != record["service"]["to"]


def fee(billable: Billable, subscription: Mapping[str, Any]) -> Decimal:
    """What a fee comes to for its period: rounded first, and then once more for its share of the full period."""
    currency = subscription["currency"]
    amount = Decimal(billable.card["price"]["amount"])
    if not _is_prorating(subscription):
        return rounded(amount, currency)
    return share_of_fee(amount, currency, billable.service.length, billable.full.length)


def pending_line(billable: Billable, subscription: Mapping[str, Any]) -> Line | None:
    """What a subscription decides of a pending line; None for a fee of nothing."""
    card = billable.card
    price = card["price"]
    if billable.is_flat:
        amount = fee(billable, subscription)
        if not amount:
            return None
        price = {"paymentTerm": IN_ADVANCE, **price, "amount": of_decimal(amount)}
    line: Line = {
        "name": card["name"],
        "managedBy": SUBSCRIPTION,
        "currency": subscription["currency"],
        "period": period_document(billable.service),
        "invoiceAt": text_of(billable.invoice_at),
        "price": price,
        "subscription": {
            "subscriptionId": subscription["id"],
            "phaseId": billable.phase_id,
            "itemId": billable.item["id"],
            "billingPeriod": period_document(billable.billing),
        },
    }
    if billable.is_flat and _is_prorating(subscription):
        line["fullPeriod"] = period_document(billable.full)
    return line | {name: card[name] for name in ("description", "featureKey", "taxConfig", "discounts") if name in card}


def period_document(period: Period) -> dict[str, str]:
    return {"from": text_of(period.start), "to": text_of(period.end)}


def _is_prorating(subscription: Mapping[str, Any]) -> bool:
    settings = subscription["proRatingConfig"]
    return bool(settings["enabled"] and settings["mode"] == "prorate_prices")
