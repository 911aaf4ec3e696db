"""What the balance worker has yet to look at: entitlements that changed, and events behind the last that it saw.

Documents of kind `balance-look`, one for each entitlement under the entitlement's id; the ref `pending` is there while
the look is due. One of kind `balance-worker` says up to which event usage was seen; without `seq` nobody watches.
"""

from collections.abc import Sequence

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

_LOOK = "balance-look"
_WORKER = "balance-worker"
_PENDING = {"pending": ("yes",)}


def ask_for_look(store: Store, entitlement_id: str, *, reset: bool = False) -> None:
    """Lets the balance worker look at an entitlement soon. reset: because its usage was reset"""
    known = store.records.get(_LOOK, entitlement_id)
    waits_for_reset = known is not None and known["pending"] and known["reset"]
    store.records.put(_LOOK, _look(entitlement_id, pending=True, reset=reset or waits_for_reset), refs=_PENDING)


def take_looks(store: Store, limit: int = -1) -> list[tuple[str, bool]]:
    """(id of the entitlement, whether it was reset) of looks that are due, which they are no more.

    limit: how many at most; -1 for all
    """
    due = store.records.by_ref(_LOOK, "pending", "yes", limit=limit)
    for look in due:
        store.records.put(_LOOK, _look(look["id"], pending=False, reset=False))
    return [(look["id"], look["reset"]) for look in due]


def seen_seq(store: Store) -> int | None:
    """The number of the last event that the worker saw; None where nobody watches usage."""
    known = store.records.get(_WORKER, _WORKER)
    return known.get("seq") if known else None


def remember_seq(store: Store, seq: int | None) -> None:
    """Writes down up to which event usage was seen. None: nobody watches"""
    document: Document = {"id": _WORKER, "createdAt": ""}
    store.records.put(_WORKER, document if seq is None else {**document, "seq": seq})


def used_since(store: Store, seq: int, types: Sequence[str]) -> list[tuple[str, str, int, int]]:
    """(type, subject, first and last time) of the events of these types behind that number; epoch seconds."""
    with store.events.reading() as cursor:
        sql = (
            "SELECT type, subject, min(time), max(time) FROM events"
            " WHERE seq > ? AND list_contains(?, type) GROUP BY type, subject ORDER BY type, subject"
        )
        return cursor.execute(sql, (seq, list(types))).fetchall()


def _look(entitlement_id: str, *, pending: bool, reset: bool) -> Document:
    return {"id": entitlement_id, "createdAt": "", "pending": pending, "reset": reset}
