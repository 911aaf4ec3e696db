"""Meters: documents of kind `meter` with the slug as key. Deleted ones are found by id alone."""

from devkit.embedded.domain.errors import NotFound
from devkit.embedded.store.listing import Listing, among, every
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "meter"


def get_meter(store: Store, id_or_slug: str) -> Document:
    """The meter with this id (deleted ones too) or this slug (live ones). Raises NotFound."""
    found = store.records.get(KIND, id_or_slug) or store.records.by_key(KIND, id_or_slug)
    if found is None:
        raise NotFound(f"meter not found: {id_or_slug}")
    return found


def live_meter(store: Store, slug: str) -> Document | None:
    """The live meter with this slug."""
    return store.records.by_key(KIND, slug)


def last_meter(store: Store, slug: str) -> Document | None:
    """The meter with this slug: the live one, else the one that was deleted last."""
    live = live_meter(store, slug)
    if live is not None:
        return live
    deleted = every(store.records, Listing(KIND, (among("slug", [slug]),), descending=True, deleted=True))
    return deleted[0] if deleted else None


def all_meters(store: Store, *, deleted: bool = False) -> list[Document]:
    """All live meters by creation, with `deleted` the deleted ones too."""
    return store.records.all(KIND, deleted=deleted)


def put_meter(store: Store, meter: Document) -> None:
    """Writes a meter, new or changed."""
    store.records.put(KIND, meter, key=meter["slug"])
