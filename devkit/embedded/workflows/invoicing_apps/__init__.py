"""The apps that carry invoices to another system, by type, and which of them an invoice has.

Use: `app = app_of_invoice(store, invoice)`, then the methods of protocol.InvoicingApp.
"""

from collections.abc import Callable, Mapping

from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_apps import app_by_id
from devkit.embedded.workflows.invoicing_apps.custom_invoicing import CustomInvoicing
from devkit.embedded.workflows.invoicing_apps.protocol import InvoicingApp
from devkit.embedded.workflows.invoicing_apps.sandbox import SandboxInvoicing
from devkit.embedded.workflows.stripe_app.invoicing import StripeInvoicing

__all__ = ["InvoicingApp", "app_of_invoice", "invoicing_app"]

#: What runs an app of each type: made of the store and the document of the app.
_BY_TYPE: Mapping[str, Callable[[Store, Document], InvoicingApp]] = {
    SandboxInvoicing.type: SandboxInvoicing,
    CustomInvoicing.type: CustomInvoicing,
    StripeInvoicing.type: StripeInvoicing,
}


def app_of_invoice(store: Store, invoice: Document, namespace: str = "default") -> InvoicingApp:
    """The app that the invoice names, uninstalled or not. Raises NotFound, for an uninstalled Stripe app too."""
    return invoicing_app(store, invoice["apps"]["invoicing"]["id"], namespace)


def invoicing_app(store: Store, id_: str, namespace: str = "default") -> InvoicingApp:
    """The app with this id, ready for work. Raises NotFound, for an uninstalled Stripe app too."""
    app = app_by_id(store, id_, namespace)
    return _BY_TYPE[app["type"]](store, app)
