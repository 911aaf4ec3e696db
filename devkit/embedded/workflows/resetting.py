"""Resets of the usage of metered entitlements by hand: a new usage period begins."""

from datetime import datetime

from devkit.embedded.domain.entitlements import Entitlement, check_metered, check_unmanaged, last_reset
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.go_time import floor_minute
from devkit.embedded.domain.go_time import text as go_text
from devkit.embedded.domain.instants import plain, text_of
from devkit.embedded.store.balance_looks import ask_for_look
from devkit.embedded.store.balance_snapshots import drop_snapshots_after
from devkit.embedded.store.entitlements import put_entitlement
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.balances import Owner, burn, keep, owner_of, starting_snapshot


def reset_usage(
    store: Store, entitlement: Entitlement, at: datetime, *, retain_anchor: bool, preserve_overage: bool | None
) -> None:
    """Begins a usage period at this instant, floored to the minute.

    retain_anchor:    whether later periods begin as before; else they are counted from here
    preserve_overage: None: as the entitlement says
    Raises Plain where it is not metered, Forbidden where a subscription manages it, Invalid for a wrong instant.
    """
    check_metered(entitlement)
    moment = floor_minute(at)
    if moment == last_reset(entitlement):
        raise Invalid(f"reset at {go_text(moment)} must be after last reset at {go_text(last_reset(entitlement))}")
    check_unmanaged(entitlement)
    now = store.now()
    if at > now:
        raise Invalid(f"cannot reset at {go_text(at)} in the future")
    owner = owner_of(store, entitlement)
    _check_place(owner, moment, now)
    start = starting_snapshot(store, owner, moment)
    done = burn(store, owner, start, plain(moment), further_resets=[plain(moment)], preserve_overage=preserve_overage)
    drop_snapshots_after(store, owner.id, plain(moment))
    keep(store, owner, done.snapshot)
    _begin_period(store, owner, plain(moment), retain_anchor=retain_anchor)


def _check_place(owner: Owner, moment: datetime, now: datetime) -> None:
    """Raises Invalid before the current usage period, or before one that begins later."""
    start, _ = owner.periods.period_at(now)
    if moment < start:
        raise Invalid(f"reset at {go_text(moment)} is before current usage period start {go_text(start)}")
    later = [reset for reset in owner.periods.resets(plain(moment), now) if reset > moment]
    if later:
        raise Invalid(f"reset at {go_text(moment)} is before last reset at {go_text(later[-1])}")


def _begin_period(store: Store, owner: Owner, at: datetime, *, retain_anchor: bool) -> None:
    current = owner.periods.recurrences[-1].anchor if retain_anchor else at
    reset = {"at": text_of(at), "anchor": text_of(current)}
    changed = {**owner.entitlement, "updatedAt": text_of(store.now())}
    put_entitlement(store, {**changed, "resets": [*owner.entitlement.get("resets", ()), reset]})
    ask_for_look(store, owner.id, reset=True)
