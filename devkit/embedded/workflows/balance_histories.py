"""The history of a metered entitlement between two instants."""

from dataclasses import replace
from typing import Any

from devkit.embedded.domain import balance_history as views
from devkit.embedded.domain.entitlements import Entitlement, check_metered, last_reset
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.go_time import ceil_minute, floor_minute
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.timestamps import format_instant, format_seconds, parse
from devkit.embedded.domain.usage import UsageQuery
from devkit.embedded.domain.windows import window_end
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.balances import Owner, burn, meter_usage, owner_of, run_until


def balance_history(store: Store, entitlement: Entitlement, asked: views.Range) -> dict[str, Any]:
    """A WindowedBalanceHistory.

    Raises Plain where the entitlement is not metered, Invalid for a range that begins too early or ends before it
    begins.
    """
    check_metered(entitlement)
    owner = owner_of(store, entitlement)
    start = asked.start or last_reset(entitlement)
    end = asked.end or store.now()
    if start < owner.measured_from:
        texts = format_seconds(plain(start)), format_seconds(owner.measured_from)
        raise Invalid(f"from {texts[0]} cannot be before {texts[1]}")
    start, end = floor_minute(start), ceil_minute(end)
    if start > end:
        raise Invalid("from must be before to")
    windows = views.windows(asked.size, start, end, owner.measured_from)
    first = min(start, windows[0].start) if windows else start
    before = run_until(store, owner, plain(first)).snapshot
    segments = burn(store, owner, before, plain(end), bounds_from=plain(first)).segments
    shown = views.shown_windows(
        windows,
        _used(store, owner, replace(asked, start=start, end=end)) if windows else {},
        segments,
        lambda one, other: meter_usage(store, owner, one, other),
        asked.zone,
    )
    return {"windowedHistory": shown, "burndownHistory": views.shown_segments(segments, first, end)}


def _used(store: Store, owner: Owner, asked: views.Range) -> dict[tuple[int, int], float]:
    """What was used in the range by window of the zone, as (start, end) in epoch seconds."""
    if not owner.subjects or asked.start is None or asked.end is None:
        return {}
    query = UsageQuery(
        owner.meter,
        parse(format_instant(asked.start)),
        parse(format_instant(asked.end)),
        window_size=asked.size,
        zone=asked.zone,
        subjects=owner.subjects,
        filters=owner.filters or None,
    )
    rows = store.usage.query(query)
    return {(row.first, window_end(asked.size, asked.zone, row.first)): row.value for row in rows}
