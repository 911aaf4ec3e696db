"""Invoice items, and the lines of invoices that they become."""

import time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from devkit.standins.stripe.account import Account, Object, new_id
from devkit.standins.stripe.errors import StripeError, not_editable
from devkit.standins.stripe.fields import ANY, BOOLEAN, CURRENCY, INTEGER, METADATA, TEXT, TEXTS, Fields, change
from devkit.standins.stripe.forms import Params
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.requests import Request, Route

KIND = "invoiceitem"

_CHANGEABLE: Fields = {
    "amount": INTEGER,
    "description": TEXT,
    "discountable": BOOLEAN,
    "discounts": ANY,
    "metadata": METADATA,
    "period": {"start": INTEGER, "end": INTEGER},
    "price_data": ANY,
    "quantity": INTEGER,
    "tax_behavior": TEXT,
    "tax_code": TEXT,
    "tax_rates": TEXTS,
    "unit_amount": INTEGER,
    "unit_amount_decimal": TEXT,
}
_AT_FIRST: Fields = {**_CHANGEABLE, "currency": CURRENCY, "customer": TEXT, "invoice": TEXT}
_OF_LINES = (
    "amount",
    "currency",
    "description",
    "discountable",
    "livemode",
    "metadata",
    "period",
    "quantity",
    "tax_rates",
)


def create(request: Request) -> Object:
    account, values = request.account, request.values(_AT_FIRST)
    account.get("customer", values.get("customer"))
    _check_draft(account, values.get("invoice"))
    now = int(time.time())
    made = account.new(
        "ii_",
        KIND,
        amount=0,
        currency="usd",
        customer=None,
        description=None,
        discountable=True,
        invoice=None,
        period={"start": now, "end": now},
        quantity=1,
        tax_rates=[],
        unit_amount=None,
    )
    account.secrets[made["id"]] = new_id("il_")
    _set(made, values)
    return made


def retrieve(request: Request) -> Object:
    return _found(request)


def update(request: Request) -> Object:
    item = _found(request)
    _check_draft(request.account, item["invoice"])
    _set(item, request.values(_CHANGEABLE))
    return item


def delete(request: Request) -> Object:
    item = _found(request)
    _check_draft(request.account, item["invoice"])
    return request.account.remove(item)


def list_(request: Request) -> Object:
    return page(request.account.all(KIND), request.params, "/v1/invoiceitems", {"customer": TEXT, "invoice": TEXT})


def of_invoice(account: Account, invoice: str) -> list[Object]:
    """Its items, the oldest first."""
    return [item for item in reversed(account.all(KIND)) if item["invoice"] == invoice]


def lines(account: Account, invoice: str) -> list[Object]:
    """An id of its own each, and that of the item it comes from."""
    return [
        {
            "id": account.secrets[item["id"]],
            "object": "line_item",
            "invoice": invoice,
            "invoice_item": item["id"],
            "type": "invoiceitem",
        }
        | {name: item[name] for name in _OF_LINES}
        for item in of_invoice(account, invoice)
    ]


def _found(request: Request) -> Object:
    """By the id of the item or by that of its line."""
    account = request.account
    by_line = next((one for one in account.all(KIND) if account.secrets[one["id"]] == request.id), None)
    return by_line or account.get(KIND, request.id)


def _check_draft(account: Account, invoice: str | None) -> None:
    if invoice is not None and account.get("invoice", invoice)["status"] != "draft":
        raise not_editable("This invoice is no longer editable")


def _set(item: Object, values: Params) -> None:
    """The amount is what a unit costs times the quantity, where that is given."""
    change(item, values)
    unit = values.get("unit_amount", values.get("unit_amount_decimal", _unit_of(values.get("price_data"))))
    if unit is None:
        return
    try:
        exact = Decimal(unit) * item["quantity"]
    except InvalidOperation:
        raise StripeError(400, f"Invalid decimal: {unit}", param="unit_amount_decimal") from None
    item["amount"] = int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _unit_of(price: Any) -> Any:
    return (price.get("unit_amount") or price.get("unit_amount_decimal")) if isinstance(price, dict) else None


ROUTES = (
    Route("GET", "/v1/invoiceitems", list_),
    Route("POST", "/v1/invoiceitems", create),
    Route("GET", "/v1/invoiceitems/{id}", retrieve),
    Route("POST", "/v1/invoiceitems/{id}", update),
    Route("DELETE", "/v1/invoiceitems/{id}", delete),
)
