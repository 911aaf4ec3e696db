"""Snapshots of balances, from which the engine goes on: one document of kind `balance_snapshots` per entitlement.

It is a list in the order of time. A snapshot is left out again where something before it changes.
"""

from datetime import datetime
from typing import Any

from devkit.embedded.domain.credits import Snapshot
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.store.store import Store

KIND = "balance_snapshots"


def latest_snapshot(store: Store, entitlement_id: str, at: datetime) -> Snapshot | None:
    """The last snapshot that is not after this instant."""
    return next((found for found in reversed(_all(store, entitlement_id)) if found.at <= at), None)


def save_snapshot(store: Store, entitlement_id: str, snapshot: Snapshot) -> None:
    """Keeps a snapshot, in the place of one at the same instant."""
    with store.records.transaction():
        others = [found for found in _all(store, entitlement_id) if found.at != snapshot.at]
        _write(store, entitlement_id, [*others, snapshot])


def drop_snapshots_after(store: Store, entitlement_id: str, at: datetime) -> None:
    """Forgets the snapshots after this instant."""
    with store.records.transaction():
        found = _all(store, entitlement_id)
        kept = [snapshot for snapshot in found if snapshot.at <= at]
        if len(kept) < len(found):
            _write(store, entitlement_id, kept)


def _all(store: Store, entitlement_id: str) -> list[Snapshot]:
    document = store.records.get(KIND, entitlement_id)
    return [] if document is None else [_read(found) for found in document["snapshots"]]


def _write(store: Store, entitlement_id: str, snapshots: list[Snapshot]) -> None:
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.at)
    document = {
        "id": entitlement_id,
        "createdAt": text_of(store.now()),
        "snapshots": [_written(snapshot) for snapshot in ordered],
    }
    store.records.put(KIND, document)


def _read(found: dict[str, Any]) -> Snapshot:
    since = instant(found["since"]) if found["since"] else None
    return Snapshot(instant(found["at"]), found["balances"], found["overage"], found["usage"], since)


def _written(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "at": text_of(snapshot.at),
        "balances": dict(snapshot.balances),
        "overage": snapshot.overage,
        "usage": snapshot.usage,
        "since": text_of(snapshot.since) if snapshot.since else None,
    }
