"""Subjects: documents of kind `subject` with their own key as key. Deleted ones are found by id alone."""

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "subject"


def find_subject(store: Store, id_or_key: str) -> Document | None:
    """The subject with this id (deleted ones too) or this key (live ones)."""
    return store.records.get(KIND, id_or_key) or store.records.by_key(KIND, id_or_key)


def live_subject(store: Store, key: str) -> Document | None:
    """The live subject with this key."""
    return store.records.by_key(KIND, key)


def all_subjects(store: Store) -> list[Document]:
    """All live subjects by creation."""
    return store.records.all(KIND)


def put_subject(store: Store, subject: Document) -> None:
    """Writes a subject, new or changed."""
    store.records.put(KIND, subject, key=subject["key"])
