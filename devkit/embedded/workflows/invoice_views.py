"""Invoices as answers show them, with their apps in full; gathering ones are rated for it."""

from typing import Any

from devkit.embedded.domain import apps as app_rules
from devkit.embedded.domain.billing.invoice_states import status_details
from devkit.embedded.domain.billing.invoices import Invoice, gathering_shown, is_gathering, shown
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.customers import find_customer
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.gathering_previews import details, preview
from devkit.embedded.workflows.invoicing.progress import Progress


def invoice_shown(
    store: Store, invoice: Invoice, *, with_lines: bool = True, with_deleted_lines: bool = False
) -> dict[str, Any]:
    """The Invoice of the API. Raises what gathering_previews.preview raises."""
    if is_gathering(invoice):
        status, invoice = details(store, invoice), preview(store, invoice)
    else:
        status = status_details(invoice["status"], Progress(store, invoice).facts())
    apps = {role: _app_shown(store, reference["id"]) for role, reference in invoice["apps"].items()}
    return shown(invoice, apps=apps, details=status, with_lines=with_lines, with_deleted_lines=with_deleted_lines)


def changed_gathering_shown(store: Store, invoice: Invoice) -> dict[str, Any]:
    """The Invoice that changes of a gathering invoice answer with."""
    customer = find_customer(store, invoice["customerId"]) or {}
    return gathering_shown(invoice, customer, profile_of_customer(store, invoice["customerId"]))


def _app_shown(store: Store, id_: str) -> dict[str, Any]:
    app = find_app(store, id_)
    return {"id": id_} if app is None else app_rules.shown(app)
