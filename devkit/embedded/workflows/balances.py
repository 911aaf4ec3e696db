"""Balances of metered entitlements: from the last snapshot on, through the credit engine, over usage from the events.

A snapshot is kept wherever the engine passed the start of a segment that nobody changes any more, so that a value is
never computed from the very beginning twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from devkit.embedded.domain import grants as grant_rules
from devkit.embedded.domain.credits import Grant, Run, Segment, Snapshot, run
from devkit.embedded.domain.credits.history import snapshot_before
from devkit.embedded.domain.entitlement_views import Balance
from devkit.embedded.domain.entitlements import Entitlement
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.filters import Filter
from devkit.embedded.domain.go_time import ceil_minute
from devkit.embedded.domain.usage_periods import UsagePeriods, of_entitlement
from devkit.embedded.store.balance_snapshots import latest_snapshot, save_snapshot
from devkit.embedded.store.grants import grants_of_entitlement
from devkit.embedded.store.meters import get_meter
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage_attribution import subjects_of

_GRACE = timedelta(days=1)
_UNIQUE, _LEVEL = "UNIQUE_COUNT", "LATEST"


@dataclass(frozen=True)
class Owner:
    """A metered entitlement with all that its usage depends on."""

    entitlement: Entitlement
    periods: UsagePeriods
    meter: dict[str, Any]
    filters: dict[str, Filter]
    subjects: tuple[str, ...]
    grants: tuple[Grant, ...]

    @property
    def id(self) -> str:
        return str(self.entitlement["id"])

    @property
    def measured_from(self) -> datetime:
        return self.periods.starts[0]


def owner_of(store: Store, entitlement: Entitlement) -> Owner:
    """Looks up the feature, the meter, the customer and the grants of an entitlement."""
    feature = store.records.get("feature", entitlement["featureId"])
    customer = store.records.get("customer", entitlement["customerId"])
    if feature is None or customer is None:
        raise InternalFailure("the entitlement has lost its feature or its customer")
    grants = grants_of_entitlement(store, entitlement["id"], deleted=True)
    return Owner(
        entitlement,
        of_entitlement(entitlement),
        get_meter(store, feature["meterSlug"]),
        feature.get("advancedMeterGroupByFilters") or {},
        tuple(subjects_of(customer)),
        tuple(grant_rules.to_burn(grant) for grant in grants),
    )


def balance_at(store: Store, entitlement: Entitlement, at: datetime) -> Balance:
    """The balance at an instant, rounded up to the minute. Raises InternalFailure before the start of measurement."""
    done = run_until(store, owner_of(store, entitlement), ceil_minute(at))
    state = done.snapshot
    return Balance(state.balance, state.usage, state.overage, done.total_available, state.balances)


def run_until(store: Store, owner: Owner, at: datetime) -> Run:
    """Runs the engine from the last snapshot up to a whole minute; grants that have ended by then are left out."""
    start = starting_snapshot(store, owner, at)
    if start.at > at:
        raise InternalFailure("nothing is measured yet")
    done = burn(store, owner, start, at)
    _keep_snapshot(store, owner, start, done.segments, at)
    return replace(done, snapshot=_of_active(owner, done.snapshot))


def starting_snapshot(store: Store, owner: Owner, at: datetime) -> Snapshot:
    """The last snapshot before the instant, or the start of measurement."""
    found = latest_snapshot(store, owner.id, at)
    if found is None:
        return Snapshot(owner.measured_from, {})
    if found.since is None and not found.usage:
        since = owner.periods.period_at(found.at)[0]
        usage = _usage(store, owner, since, found.at, ())(since, found.at)
        return replace(found, usage=usage, since=since)
    return found


def burn(
    store: Store,
    owner: Owner,
    start: Snapshot,
    until: datetime,
    *,
    bounds_from: datetime | None = None,
    further_resets: Iterable[datetime] = (),
    preserve_overage: bool | None = None,
) -> Run:
    """Runs the engine between two instants. bounds_from: where the range that was asked for begins; `start` if None."""
    first = bounds_from or start.at
    resets = owner.periods.resets(first, until)
    behaviour = owner.entitlement["preserveOverageAtReset"] if preserve_overage is None else preserve_overage
    return run(
        [grant for grant in owner.grants if grant_rules.matters_between(grant, start.at, until)],
        start,
        until,
        [reset for reset in sorted([*resets, *further_resets]) if start.at < reset <= until],
        _usage(store, owner, first, until, resets),
        preserve_overage=behaviour,
        is_level=owner.meter["aggregation"] == _LEVEL,
    )


def keep(store: Store, owner: Owner, snapshot: Snapshot) -> None:
    """Keeps a snapshot, without the grants that are not active at its instant."""
    save_snapshot(store, owner.id, _of_active(owner, snapshot))


def meter_usage(store: Store, owner: Owner, start: datetime, end: datetime) -> float:
    """What the meter says of the owner's subjects between two instants."""
    return store.subject_usage.between(owner.meter, owner.filters, owner.subjects, start, end)


def _keep_snapshot(store: Store, owner: Owner, start: Snapshot, segments: tuple[Segment, ...], at: datetime) -> None:
    """Keeps the state at the last segment that begins long enough ago, or not after the current usage period."""
    if owner.meter["aggregation"] == _LEVEL:
        return
    limit = max(store.now() - _GRACE, owner.periods.period_at(at)[0])
    for number in range(len(segments) - 1, 0, -1):
        if segments[number].start <= limit:
            keep(store, owner, snapshot_before(segments, number, start))
            return


def _of_active(owner: Owner, snapshot: Snapshot) -> Snapshot:
    active = {grant.id for grant in owner.grants if grant.is_active(snapshot.at)}
    return replace(snapshot, balances={id_: left for id_, left in snapshot.balances.items() if id_ in active})


def _usage(
    store: Store, owner: Owner, start: datetime, end: datetime, resets: Iterable[datetime]
) -> Callable[[datetime, datetime], float]:
    """What counts as used. Of unique values only those count that the usage period has not seen before."""
    if owner.meter["aggregation"] != _UNIQUE:
        return lambda begin, until: meter_usage(store, owner, begin, until)
    times = sorted({owner.periods.period_at(start)[0], *resets, end})
    periods = list(pairwise(times)) or [(times[0], end)]

    def new_values(begin: datetime, until: datetime) -> float:
        period_start = next(first for first, last in periods if first <= begin <= last)
        before = meter_usage(store, owner, period_start, begin)
        return meter_usage(store, owner, period_start, until) - before

    return new_values
