"""Customers."""

from typing import Any

from devkit.standins.stripe.account import Account, Object
from devkit.standins.stripe.fields import ANY, INTEGER, METADATA, TEXT, Fields, change
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.requests import Request, Route, expanded

KIND = "customer"
UNKNOWN_LOCATION = "unrecognized_location"

_ADDRESS: Fields = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), TEXT)
_FIELDS: Fields = {
    "address": _ADDRESS,
    "balance": INTEGER,
    "description": TEXT,
    "email": TEXT,
    "invoice_settings": {"default_payment_method": TEXT, "custom_fields": ANY, "footer": TEXT},
    "metadata": METADATA,
    "name": TEXT,
    "phone": TEXT,
    "preferred_locales": ANY,
    "shipping": ANY,
    "tax_exempt": TEXT,
}


def create(request: Request) -> Object:
    account, values = request.account, request.values(_FIELDS)
    _check_payment_method(account, values)
    nothing = dict.fromkeys(("address", "currency", "description", "email", "name", "phone", "shipping"))
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None}
    made = account.new(
        "cus_", KIND, **nothing, balance=0, delinquent=False, invoice_settings=settings, tax_exempt="none"
    )
    change(made, values)
    account.emit("customer.created", made)
    return _shown(request, made)


def retrieve(request: Request) -> Object:
    return _shown(request, request.account.get(KIND, request.id))


def update(request: Request) -> Object:
    account, values = request.account, request.values(_FIELDS)
    customer = account.get(KIND, request.id)
    _check_payment_method(account, values)
    before = {name: customer.get(name) for name in values}
    change(customer, values)
    changed = {name: value for name, value in before.items() if value != customer[name]}
    if changed:
        account.emit("customer.updated", customer, changed)
    return _shown(request, customer)


def delete(request: Request) -> Object:
    customer = request.account.get(KIND, request.id)
    request.account.emit("customer.deleted", customer)
    return request.account.remove(customer)


def list_(request: Request) -> Object:
    return page(request.account.all(KIND), request.params, "/v1/customers", {"email": TEXT})


def tax_state(customer: Object) -> str:
    """Whether its place is known for taxes. `standin_tax` in the metadata decides, else the country of its address."""
    told = customer["metadata"].get("standin_tax")
    return told or ("supported" if (customer["address"] or {}).get("country") else UNKNOWN_LOCATION)


def _check_payment_method(account: Account, values: dict[str, Any]) -> None:
    wanted = (values.get("invoice_settings") or {}).get("default_payment_method")
    if wanted is not None:
        account.get("payment_method", wanted)


def _shown(request: Request, customer: Object) -> Object:
    """With `tax` where it is asked for."""
    tax = {"automatic_tax": tax_state(customer), "ip_address": None, "location": None}
    return expanded(request, customer, {"tax": tax})


ROUTES = (
    Route("GET", "/v1/customers", list_),
    Route("POST", "/v1/customers", create),
    Route("GET", "/v1/customers/{id}", retrieve),
    Route("POST", "/v1/customers/{id}", update),
    Route("DELETE", "/v1/customers/{id}", delete),
)
