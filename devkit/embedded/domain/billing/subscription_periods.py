"""What a subscription has to bill: each rate card with a price, period by period, up to the end of the current one.

Fees in advance of the period that follows belong to it already: they become due with its start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from devkit.embedded.domain.catalog.prices import FLAT, IN_ADVANCE
from devkit.embedded.domain.catalog.rate_cards import cadence
from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.recurrences import Recurrence
from devkit.embedded.domain.subscriptions.documents import spec_of, versions_of
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Phase, Spec

_SECOND = timedelta(seconds=1)
#: No item has more periods than that. OpenMeter gives up on a card after 1,000, which hourly ones reach in six weeks.
_MOST_PERIODS = 100_000


class Period(NamedTuple):
    """From `start` to `end`, which may be the same instant."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def truncated(self) -> "Period":
        """To whole seconds, as billing counts."""
        return Period(*(moment.replace(microsecond=0) for moment in self))


@dataclass(frozen=True)
class Billable:
    """A rate card over one of its periods.

    key:     the same for the same period of the same version of an item, whatever became of it
    service: what is billed; full: what would be without beginnings, ends and changes in between
    billing: the period of the subscription's cadence
    """

    key: str
    phase_id: str
    item: Mapping[str, Any]
    service: Period
    full: Period
    billing: Period

    @property
    def card(self) -> Mapping[str, Any]:
        card: Mapping[str, Any] = self.item["rateCard"]
        return card

    @property
    def is_flat(self) -> bool:
        return bool(self.card["price"]["type"] == FLAT)

    @property
    def is_in_advance(self) -> bool:
        return self.is_flat and self.card["price"].get("paymentTerm", IN_ADVANCE) == IN_ADVANCE

    @property
    def invoice_at(self) -> datetime:
        return self.billing.start if self.is_in_advance else max(self.service.end, self.billing.end)

    def truncated(self) -> "Billable":
        parts = (self.service, self.full, self.billing)
        service, full, billing = (part.truncated() for part in parts)
        return replace(self, service=service, full=full, billing=billing)


@dataclass(frozen=True)
class Expectation:
    """What a subscription should have on invoices.

    until: when it has to be looked at again; None where it never bills anything
    """

    billables: tuple[Billable, ...]
    until: datetime | None


def expected(subscription: Mapping[str, Any], as_of: datetime) -> Expectation:
    """All that the subscription bills up to the end of the billing period of the instant, from its very start on.

    Raises InternalFailure where a period cannot be computed.
    """
    spec = spec_of(subscription)
    documents = {phase["key"]: phase for phase in subscription["phases"]}
    found: list[Billable] = []
    until: datetime | None = None
    for phase in spec.sorted_phases():
        span = spec.span_of(phase)
        if span.start == span.end or not any(item.is_billable for item in phase.versions()):
            continue
        billing = _PhaseBilling(spec, phase, documents[phase.key])
        limit = billing.limit(as_of)
        found += billing.billables(limit)
        until = limit if until is None else max(until, limit)
        if span.end is not None and span.end >= as_of:
            break
    return Expectation(tuple(_visible(found)), until)


class _PhaseBilling:
    """One phase of a subscription as it is billed."""

    def __init__(self, spec: Spec, phase: Phase, document: Mapping[str, Any]) -> None:
        self._spec = spec
        self._span = spec.span_of(phase)
        self._document = document

    def limit(self, as_of: datetime) -> datetime:
        """Up to which instant lines have to be there when they are due by then."""
        if as_of < self._spec.active_from:
            found = self._spec.active_from
        else:
            period = self._billing_period(as_of)
            found = as_of if as_of == period.start else period.end
        return max(found, self._first_billable()) if self._span.start > found else found

    def billables(self, limit: datetime) -> list[Billable]:
        """Those that are due by the end of the second of the limit."""
        last = limit.replace(microsecond=0) + _SECOND
        found: list[Billable] = []
        for key, versions in versions_of(self._document).items():
            for number, item in enumerate(versions):
                if item["rateCard"]["price"] is None or _never_was(item):
                    continue
                path = f"{self._document['key']}/{key}/v[{number}]"
                length = cadence(item["rateCard"])
                if length is None:
                    found.append(self._once(path, item))
                elif self._is_over(_span(item).start):
                    break
                else:
                    found += self._repeated(path, item, length, last)
        return found

    def _once(self, path: str, item: Mapping[str, Any]) -> Billable:
        """A one-time charge: it covers an instant, or all of its phase where that ends."""
        span = _span(item)
        end = self._span.end or span.end or span.start
        full = Period(span.start, end)
        service = Period(span.start, end if span.end is None else min(end, span.end))
        return self._billable(path, item, service, full, self._billing_period(span.start))

    def _repeated(self, path: str, item: Mapping[str, Any], length: Duration, last: datetime) -> Iterator[Billable]:
        span = _span(item)
        at = span.start
        recurrence = Recurrence(length, self._spec.billing_anchor)
        for number in range(_MOST_PERIODS):
            full = Period(*recurrence.period_at(at))
            service = Period(at, full.end if span.end is None else min(full.end, span.end))
            found = self._billable(f"{path}/period[{number}]", item, service, full, self._billing_period(at))
            if found.invoice_at >= last:
                return
            yield found
            at = service.end
            if (span.end is not None and at >= span.end) or self._is_over(at):
                return

    def _billable(self, key: str, item: Mapping[str, Any], service: Period, full: Period, billing: Period) -> Billable:
        return Billable(key, self._document["id"], item, service, full, billing)

    def _billing_period(self, at: datetime) -> Period:
        span = self._spec.billing_period_at(at)
        if span.end is None:
            raise InternalFailure("a billing period has no end")
        return Period(span.start, span.end)

    def _first_billable(self) -> datetime:
        starts = (_span(item).start for item in self._document["items"] if item["rateCard"]["price"] is not None)
        return min(starts).replace(microsecond=0)

    def _is_over(self, at: datetime) -> bool:
        ends = (self._spec.active_to, self._span.end)
        return any(end is not None and at >= end for end in ends)


def _visible(billables: list[Billable]) -> Iterator[Billable]:
    """In whole seconds; usage of nothing is left out, and so is what is due after an end that is not known."""
    for billable in billables:
        found = billable.truncated()
        if not found.is_flat and not found.service.length:
            continue
        if found.full.length or found.is_in_advance:
            yield found


def _never_was(item: Mapping[str, Any]) -> bool:
    """Whether it was taken off before it began."""
    span = _span(item)
    return span.end is not None and span.end < span.start


def _span(item: Mapping[str, Any]) -> Span:
    return Span(instant(item["activeFrom"]), instant(item["activeTo"]) if "activeTo" in item else None)
