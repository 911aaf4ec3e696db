"""Tax codes: documents of kind `tax_code` with their code in Stripe as key."""

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "tax_code"


def tax_code(store: Store, id_: str) -> Document | None:
    return store.records.get(KIND, id_)


def tax_code_of_stripe(store: Store, code: str) -> Document | None:
    """The tax code with this code in Stripe."""
    return store.records.by_key(KIND, code)


def put_tax_code(store: Store, document: Document) -> None:
    store.records.put(KIND, document, key=document["key"])
