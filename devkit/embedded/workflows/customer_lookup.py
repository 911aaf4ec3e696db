"""The customer that a request names, for all tags that have customers in their paths."""

from devkit.embedded.domain import customers as rules
from devkit.embedded.domain.customers import Customer
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store


def known_customer(store: Store, id_or_key: str, namespace: str) -> Customer:
    """The customer with this id, deleted or not, or with this key. Raises NotFound."""
    found = find_customer(store, id_or_key)
    if found is None:
        raise rules.unknown(namespace, id_or_key)
    return found


def live_customer(store: Store, id_or_key: str, namespace: str) -> Customer:
    """The customer with this id or key. Raises NotFound, and PreconditionFailed where it is deleted."""
    customer = known_customer(store, id_or_key, namespace)
    rules.check_live(customer, namespace)
    return customer
