"""What a subscription consists of: phases one after another, in each of them items by key, of each key its versions.

A spec has no instants of its own but where it begins and ends; all others follow from durations. Edits change specs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from devkit.embedded.domain.calendar_arithmetic import after
from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.errors import InternalFailure, IssuesFound
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.recurrences import Recurrence
from devkit.embedded.domain.subscriptions.spans import Span


@dataclass
class Item:
    """One version of an item.

    starts_after, ends_after: from the start of its phase; None: with the phase
    own:          it came with the subscription or by an edit; others are there for add-ons alone
    grants_count: how often a boolean entitlement was given, by the subscription and by add-ons
    edit:         the edit that it came with; empty: none
    """

    rate_card: RateCard
    starts_after: Duration | None = None
    ends_after: Duration | None = None
    own: bool = True
    grants_count: int = 1
    edit: str = ""

    @property
    def key(self) -> str:
        return str(self.rate_card["key"])

    @property
    def is_billable(self) -> bool:
        return self.rate_card["price"] is not None


@dataclass
class Phase:
    """starts_after: from the start of the subscription. order: decides between phases that start together."""

    key: str
    name: str
    starts_after: Duration
    items: dict[str, list[Item]] = field(default_factory=dict)
    description: str | None = None
    order: int | None = None

    def versions(self) -> Iterator[Item]:
        """All versions of all items."""
        for versions in self.items.values():
            yield from versions


@dataclass
class Spec:
    """A subscription as it should be. Instants aware, in UTC."""

    currency: str
    billing_cadence: Duration
    billing_anchor: datetime
    active_from: datetime
    active_to: datetime | None = None
    phases: dict[str, Phase] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        return Span(self.active_from, self.active_to)

    @property
    def has_billables(self) -> bool:
        """Whether anything has a price."""
        return any(item.is_billable for phase in self.phases.values() for item in phase.versions())

    def start_of(self, phase: Phase) -> datetime:
        return moved(self.active_from, phase.starts_after)

    def sorted_phases(self) -> list[Phase]:
        """The phases in the order of time."""
        return sorted(self.phases.values(), key=self._order)

    def span_of(self, phase: Phase) -> Span:
        """From its start to that of the next phase, or to the end of the subscription."""
        start = self.start_of(phase)
        phases = self.sorted_phases()
        number = next(number for number, other in enumerate(phases) if other.key == phase.key)
        ends = [self.start_of(other) for other in phases[number + 1 : number + 2]]
        ends += [self.active_to] if self.active_to is not None else []
        return Span(start, max(start, min(ends)) if ends else None)

    def phase_at(self, at: datetime) -> Phase | None:
        """The phase that runs at the instant; before the subscription and after it there is none."""
        if self.active_to is not None and self.active_to <= at:
            return None
        started = [phase for phase in self.sorted_phases() if self.start_of(phase) <= at]
        return started[-1] if started else None

    def billing_period_at(self, at: datetime) -> Span:
        """The period of the billing cadence at the instant, inside the phase of then.

        Raises IssuesFound before the subscription starts. Afterwards the last phase counts.
        """
        if at < self.active_from:
            raise _queried_too_early(at, self.active_from)
        phase = self.phase_at(at) if self.span.contains(at) else self._last_started()
        if phase is None:
            raise InternalFailure("the subscription has no phase then")
        start, end = Recurrence(self.billing_cadence, self.billing_anchor).period_at(at)
        span = self.span_of(phase)
        return Span(max(start, span.start), end if span.end is None else min(end, span.end))

    def _last_started(self) -> Phase | None:
        """The last phase that starts before or with the end of the subscription."""
        end = self.active_to
        started = [phase for phase in self.sorted_phases() if end is None or self.start_of(phase) <= end]
        return started[-1] if started else None

    def _order(self, phase: Phase) -> tuple[datetime, int, str]:
        return self.start_of(phase), phase.order or 0, phase.key


def span_of_item(item: Item, phase: Span) -> Span:
    """When a version is there: no longer than its phase; nothing at its end where it would start later."""
    start = phase.start if item.starts_after is None else moved(phase.start, item.starts_after)
    if phase.end is not None and phase.end < start:
        return Span(phase.end, phase.end)
    if item.ends_after is None:
        return Span(start, phase.end)
    end = moved(phase.start, item.ends_after)
    return Span(start, end if phase.end is None else min(end, phase.end))


def moved(start: datetime, duration: Duration) -> datetime:
    """The instant so long after the start. Raises InternalFailure beyond the calendar."""
    try:
        return after(start, duration)
    except OverflowError as error:
        raise InternalFailure("a phase leads beyond the calendar") from error


def _queried_too_early(at: datetime, start: datetime) -> IssuesFound:
    facts = (("queried_at", text_of(at)), ("subscription_start", text_of(start)))
    code = "subscription_billing_period_queried_before_subscription_start"
    return IssuesFound([Issue("billing period queried before subscription start", code, attributes=facts)])
