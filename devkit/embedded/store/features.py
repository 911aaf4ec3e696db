"""Features: documents of kind `feature`. Archiving is their deletion; an archived one gives its key free.

Refs: `meter`, the id of the meter behind it.
"""

from devkit.embedded.store.listing import Listing, among, every
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "feature"


def active_feature(store: Store, id_or_key: str) -> Document | None:
    """The feature with this id or key, unless it is archived."""
    return active_feature_by_id(store, id_or_key) or store.records.by_key(KIND, id_or_key)


def active_feature_by_id(store: Store, id_: str) -> Document | None:
    """The feature with this id, unless it is archived."""
    found = store.records.get(KIND, id_)
    return found if found is not None and "archivedAt" not in found else None


def active_features_of_meter(store: Store, meter_id: str) -> list[Document]:
    """The features on this meter that are not archived, by creation."""
    return [found for found in store.records.by_ref(KIND, "meter", meter_id) if "archivedAt" not in found]


def all_features(store: Store, *, archived: bool = False) -> list[Document]:
    """All features by creation, with `archived` those too."""
    return [found for found in store.records.all(KIND) if archived or "archivedAt" not in found]


def billable_feature(store: Store, key: str) -> Document | None:
    """The feature with this key: the one in use, else the one that was archived last."""
    active = store.records.by_key(KIND, key)
    if active is not None:
        return active
    archived = every(store.records, Listing(KIND, (among("key", [key]),), descending=True))
    return archived[0] if archived else None


def put_feature(store: Store, feature: Document, meter_id: str | None) -> None:
    """Writes a feature, new or archived."""
    key = None if "archivedAt" in feature else feature["key"]
    refs = {"meter": [meter_id]} if meter_id else {}
    store.records.put(KIND, feature, key=key, refs=refs)
