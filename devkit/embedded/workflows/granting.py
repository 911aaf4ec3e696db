"""Making and voiding grants: both drop the snapshots of balances that they make wrong."""

from datetime import datetime

from devkit.embedded.domain import grants as rules
from devkit.embedded.domain.entitlement_inputs import Body
from devkit.embedded.domain.entitlements import Entitlement, check_metered
from devkit.embedded.domain.grants import Grant
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.usage_periods import of_entitlement
from devkit.embedded.store.balance_looks import ask_for_look
from devkit.embedded.store.balance_snapshots import drop_snapshots_after
from devkit.embedded.store.grants import put_grant
from devkit.embedded.store.store import Store


def create_grant_v1(store: Store, entitlement: Entitlement, body: Body) -> Grant:
    """Makes a grant of which a reset leaves nothing, where the body does not say otherwise."""
    return _create(store, entitlement, body, max_rollover=0)


def create_grant_v2(store: Store, entitlement: Entitlement, body: Body) -> Grant:
    """Makes a grant of which a reset leaves all, where the body does not say otherwise."""
    return _create(store, entitlement, body, max_rollover=float(body["amount"]))


def void_grant(store: Store, grant: Grant, entitlement: Entitlement, at: datetime | None) -> None:
    """Ends a grant of the entitlement at the instant, now where None. Raises Invalid."""
    now = store.now()
    start, _ = of_entitlement(entitlement).period_at(now)
    changed = rules.voided(grant, at or now, period_start=start, now=now)
    put_grant(store, changed)
    drop_snapshots_after(store, grant["entitlementId"], instant(changed["voidedAt"]))
    ask_for_look(store, entitlement["id"])


def _create(store: Store, entitlement: Entitlement, body: Body, *, max_rollover: float) -> Grant:
    check_metered(entitlement)
    now = store.now()
    start, _ = of_entitlement(entitlement).period_at(now)
    grant = rules.create(
        body, entitlement["id"], period_start=start, max_rollover=max_rollover, id_=store.new_id(), now=now
    )
    kept = rules.stored(grant)
    put_grant(store, kept)
    drop_snapshots_after(store, entitlement["id"], instant(kept["effectiveAt"]))
    ask_for_look(store, entitlement["id"])
    return grant
