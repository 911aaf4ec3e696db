"""Tax codes: documents of kind `tax_code` with their code in Stripe as key. The default one has none."""

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "tax_code"
#: The key of the default one; no code of Stripe looks so.
DEFAULT = "default"


def tax_code(store: Store, id_: str) -> Document | None:
    return store.records.get(KIND, id_)


def tax_code_of_stripe(store: Store, code: str) -> Document | None:
    """The tax code with this code in Stripe."""
    return store.records.by_key(KIND, code)


def default_tax_code(store: Store) -> Document:
    """The tax code of lines that name none; every store is provisioned with it. Raises LookupError."""
    found = find_default_tax_code(store)
    if found is None:
        raise LookupError("there is no default tax code")
    return found


def find_default_tax_code(store: Store) -> Document | None:
    """The default tax code; None before the store is provisioned."""
    return store.records.by_key(KIND, DEFAULT)


def put_tax_code(store: Store, document: Document) -> None:
    store.records.put(KIND, document, key=document["key"])
