"""Invoices as answers show them, with their apps in full; gathering ones are rated for it."""

from typing import Any

from devkit.embedded.domain.billing.invoice_states import WAITING_AUTO_APPROVAL, status_details
from devkit.embedded.domain.billing.invoices import Invoice, gathering_shown, is_gathering, shown
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_apps import shown_apps
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.gathering_previews import details, preview
from devkit.embedded.workflows.invoicing.progress import Progress


def invoice_shown(
    store: Store,
    invoice: Invoice,
    namespace: str = "default",
    *,
    with_lines: bool = True,
    with_deleted_lines: bool = False,
) -> dict[str, Any]:
    """The Invoice of the API. Raises NotFound where an app is gone, and what gathering_previews.preview raises."""
    if is_gathering(invoice):
        status, invoice = details(store, invoice), preview(store, invoice)
    else:
        status = _details(store, invoice)
    apps = shown_apps(store, invoice, namespace)
    return shown(invoice, apps=apps, details=status, with_lines=with_lines, with_deleted_lines=with_deleted_lines)


def changed_gathering_shown(store: Store, invoice: Invoice) -> dict[str, Any]:
    """The Invoice that changes of a gathering invoice answer with."""
    customer = find_customer(store, invoice["customerId"]) or {}
    return gathering_shown(invoice, customer, profile_of_customer(store, invoice["customerId"]))


def _details(store: Store, invoice: Invoice) -> dict[str, Any]:
    """OpenMeter remembers what can be done in a state from when the invoice came into it.

    So an issue that an app reports later takes nothing away, but where the state depends on the time.
    """
    progress = Progress(store, invoice)
    if invoice["status"] != WAITING_AUTO_APPROVAL:
        progress.issues = []
    return status_details(invoice["status"], progress.facts())
