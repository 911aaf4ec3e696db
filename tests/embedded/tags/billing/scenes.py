"""What tests of billing begin with: apps, profiles, customers and fees that can be invoiced at once."""

from typing import Any

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

SUPPLIER = {"name": "Acme Supplies", "addresses": [{"country": "US"}]}


def default_profile(app: Application) -> dict[str, Any]:
    items: list[dict[str, Any]] = ask(app, "GET", "/api/v1/billing/profiles").json["items"]
    return next(profile for profile in items if profile["default"])


def sandbox_id(app: Application) -> str:
    return str(default_profile(app)["apps"]["invoicing"]["id"])


def install_custom_invoicing(app: Application, **hooks: bool) -> str:
    """Installs an app; hooks: enableDraftSyncHook, enableIssuingSyncHook."""
    path, name = "/api/v1/marketplace/listings/custom_invoicing/install", "Books"
    id_ = str(ask(app, "POST", path, {"name": name}).json["app"]["id"])
    settings = {"enableDraftSyncHook": False, "enableIssuingSyncHook": False} | hooks
    ask(app, "PUT", f"/api/v1/apps/{id_}", {"type": "custom_invoicing", "name": name, **settings})
    return id_


def profile_body(app_id: str, **changes: Any) -> dict[str, Any]:
    apps = dict.fromkeys(("tax", "invoicing", "payment"), app_id)
    return {"name": "Own", "default": False, "supplier": SUPPLIER, "workflow": {}, "apps": apps} | changes


def create_profile(app: Application, app_id: str, **changes: Any) -> str:
    answer = ask(app, "POST", "/api/v1/billing/profiles", profile_body(app_id, **changes))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def create_customer(app: Application, key: str = "acme", profile_id: str | None = None, **fields: Any) -> str:
    """A customer, pinned to the profile where there is one."""
    body = {"name": f"Customer {key}", "key": key} | fields
    id_ = str(ask(app, "POST", "/api/v1/customers", body).json["id"])
    if profile_id is not None:
        assert override(app, id_, profile_id).status == 200
    return id_


def override(app: Application, customer_id: str, profile_id: str | None = None) -> Answer:
    body = {} if profile_id is None else {"billingProfileId": profile_id}
    return ask(app, "PUT", f"/api/v1/billing/customers/{customer_id}", body)


def add_fee(app: Application, customer_id: str, *, invoice_at: str = "2025-02-01T00:00:00Z") -> str:
    """Adds a flat fee of 10 USD, that can be invoiced from then on, and returns the id of its gathering invoice."""
    price = {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}
    period = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
    line = {"name": "Fee", "period": period, "invoiceAt": invoice_at, "rateCard": {"price": price}}
    path = f"/api/v1/billing/customers/{customer_id}/invoices/pending-lines"
    answer = ask(app, "POST", path, {"currency": "USD", "lines": [line]})
    assert answer.status == 201, answer.body
    return str(answer.json["invoice"]["id"])


def invoice_now(app: Application, customer_id: str) -> dict[str, Any]:
    """The invoice of a fee."""
    add_fee(app, customer_id)
    answer = ask(app, "POST", "/api/v1/billing/invoices/invoice", {"customerId": customer_id})
    assert answer.status == 201, answer.body
    (invoice,) = answer.json
    return dict(invoice)
