"""Apps: documents of kind `app`, and what they know of customers: documents of kind `customer-app`.

Refs of the latter: `customer`, the id of the customer.
"""

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "app"
CUSTOMER_KIND = "customer-app"


def find_app(store: Store, id_: str) -> Document | None:
    """The app with this id, uninstalled ones too."""
    return store.records.get(KIND, id_)


def installed_apps(store: Store) -> list[Document]:
    """All apps that are not uninstalled, by installation."""
    return store.records.all(KIND)


def put_app(store: Store, app: Document) -> None:
    """Writes an app, new or changed."""
    store.records.put(KIND, app)


def app_data_of_customer(store: Store, customer_id: str) -> list[Document]:
    """What apps keep on the customer, by creation."""
    return store.records.by_ref(CUSTOMER_KIND, "customer", customer_id)
