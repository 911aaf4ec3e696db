"""Customers: documents of kind `customer` with their own key as key. Deleted ones are found by id alone.

Refs: `subject_key`, the subject keys of its usage attribution. Which customer a subject belongs to is in
store/usage_attribution.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from devkit.embedded.store.listing import LIVE, Listing, among, contains, page, ref_contains
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage_attribution import KIND, SUBJECT_KEY


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers a list shows.

    parts:   texts that fields have somewhere in them, in capitals or not
    subject: a text that one of their subject keys has so; the subjects of a deleted customer count as deleted
    ids:     their ids are among these
    deleted: whether deleted ones are in it
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    subject: str | None = None
    ids: Collection[str] | None = None
    deleted: bool = False


def find_customer(store: Store, id_or_key: str) -> Document | None:
    """The customer with this id (deleted ones too) or this key (live ones); a live one is preferred."""
    by_id = store.records.get(KIND, id_or_key)
    if by_id is not None and "deletedAt" not in by_id:
        return by_id
    return store.records.by_key(KIND, id_or_key) or by_id


def customer_by_id(store: Store, id_: str) -> Document | None:
    """The customer with this id, deleted or not."""
    return store.records.get(KIND, id_)


def is_customer_id(store: Store, text: str) -> bool:
    """Whether any customer, deleted or not, has this id."""
    return store.records.get(KIND, text) is not None


def customer_with_key(store: Store, key: str) -> Document | None:
    """The live customer with this key."""
    return store.records.by_key(KIND, key)


def customers_with_subject(store: Store, subject_key: str) -> list[Document]:
    """The live customers whose usage attribution lists this subject, by creation. There is at most one."""
    return store.records.by_ref(KIND, SUBJECT_KEY, subject_key)


def all_customers(store: Store, *, deleted: bool = False) -> list[Document]:
    """All live customers by creation, with `deleted` the deleted ones too."""
    return store.records.all(KIND, deleted=deleted)


def customer_page(
    store: Store, wanted: CustomerFilter, *, order: str, descending: bool, limit: int, offset: int
) -> tuple[list[Document], int]:
    """A page of the customers that the filter lets through, and how many those are."""
    conditions = [contains(field, part) for field, part in wanted.parts.items()]
    if wanted.subject is not None:
        conditions += [LIVE, ref_contains(KIND, SUBJECT_KEY, wanted.subject)]
    if wanted.ids is not None:
        conditions.append(among("id", wanted.ids))
    listing = Listing(KIND, tuple(conditions), order=order, descending=descending, deleted=wanted.deleted)
    return page(store.records, listing, limit=limit, offset=offset)


def ids_with_keys(store: Store, keys: Sequence[str]) -> set[str]:
    """The ids of all customers with one of these keys, deleted ones too."""
    sql = "SELECT id FROM records WHERE kind = ? AND key = ?"
    return {id_ for key in keys for (id_,) in store.records.rows(sql, (KIND, key))}


def put_customer(store: Store, customer: Document) -> None:
    """Writes a customer, new or changed."""
    subject_keys = customer.get("usageAttribution", {}).get("subjectKeys", ())
    store.records.put(KIND, customer, key=customer.get("key"), refs={SUBJECT_KEY: subject_keys})
