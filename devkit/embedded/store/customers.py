"""Customers: documents of kind `customer` with their own key as key. Deleted ones are found by id alone.

Refs: `subject_key`, the subject keys of its usage attribution. Which customer a subject belongs to is in
store/usage_attribution.py.
"""

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage_attribution import KIND, SUBJECT_KEY


def find_customer(store: Store, id_or_key: str) -> Document | None:
    """The customer with this id (deleted ones too) or this key (live ones); a live one is preferred."""
    by_id = store.records.get(KIND, id_or_key)
    if by_id is not None and "deletedAt" not in by_id:
        return by_id
    return store.records.by_key(KIND, id_or_key) or by_id


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


def put_customer(store: Store, customer: Document) -> None:
    """Writes a customer, new or changed."""
    subject_keys = customer.get("usageAttribution", {}).get("subjectKeys", ())
    store.records.put(KIND, customer, key=customer.get("key"), refs={SUBJECT_KEY: subject_keys})
