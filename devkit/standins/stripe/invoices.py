"""Invoices: drafts that become open, then paid, void or uncollectible."""

import time
from typing import Any

from devkit.standins.stripe import customers, invoice_items
from devkit.standins.stripe.account import Account, Object
from devkit.standins.stripe.errors import StripeError, not_editable
from devkit.standins.stripe.fields import ANY, BOOLEAN, CURRENCY, INTEGER, METADATA, TEXT, Fields, change
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.payment_methods import DECLINED
from devkit.standins.stripe.requests import Request, Route, expanded

KIND = "invoice"

_CHANGEABLE: Fields = {
    "auto_advance": BOOLEAN,
    "automatic_tax": {"enabled": BOOLEAN, "liability": ANY},
    "collection_method": TEXT,
    "custom_fields": ANY,
    "days_until_due": INTEGER,
    "default_payment_method": TEXT,
    "description": TEXT,
    "due_date": INTEGER,
    "footer": TEXT,
    "metadata": METADATA,
    "payment_settings": ANY,
    "statement_descriptor": TEXT,
}
_AT_FIRST: Fields = {
    **_CHANGEABLE,
    "currency": CURRENCY,
    "customer": TEXT,
    "pending_invoice_items_behavior": TEXT,
}
_NOTHING = (
    "customer",
    "days_until_due",
    "default_payment_method",
    "description",
    "due_date",
    "hosted_invoice_url",
    "last_finalization_error",
    "number",
    "payment_intent",
    "statement_descriptor",
)
_COUNTED = ("amount_due", "amount_paid", "amount_remaining", "subtotal", "total")


def create(request: Request) -> Object:
    account, values = request.account, request.values(_AT_FIRST)
    account.get(customers.KIND, values.get("customer"))
    values.pop("pending_invoice_items_behavior", None)
    now = int(time.time())
    made = account.new(
        "in_",
        KIND,
        **dict.fromkeys(_NOTHING),
        **dict.fromkeys(_COUNTED, 0),
        attempted=False,
        auto_advance=False,
        automatic_tax={"enabled": False, "status": None},
        collection_method="charge_automatically",
        currency="usd",
        paid=False,
        period_end=now,
        period_start=now,
        status="draft",
    )
    change(made, values)
    account.emit("invoice.created", shown(account, made))
    return expanded(request, shown(account, made))


def retrieve(request: Request) -> Object:
    return expanded(request, shown(request.account, _found(request)))


def update(request: Request) -> Object:
    invoice, values = _found(request), request.values(_CHANGEABLE)
    if invoice["status"] != "draft" and set(values) - {"metadata", "auto_advance", "description"}:
        raise not_editable("Finalized invoices can't be updated in this way")
    before = {name: invoice.get(name) for name in values}
    change(invoice, values)
    changed = {name: value for name, value in before.items() if value != invoice[name]}
    request.account.emit("invoice.updated", shown(request.account, invoice), changed)
    return expanded(request, shown(request.account, invoice))


def delete(request: Request) -> Object:
    """Drafts only; their items go with them."""
    account, invoice = request.account, _found(request)
    if invoice["status"] != "draft":
        raise not_editable("You can only delete draft invoices.")
    for item in invoice_items.of_invoice(account, invoice["id"]):
        account.remove(item)
    account.emit("invoice.deleted", shown(account, invoice))
    return account.remove(invoice)


def list_(request: Request) -> Object:
    found = [shown(request.account, one) for one in request.account.all(KIND)]
    filters: Fields = {"customer": TEXT, "status": TEXT, "collection_method": TEXT}
    return page(found, request.params, "/v1/invoices", filters)


def list_lines(request: Request) -> Object:
    lines = invoice_items.lines(request.account, _found(request)["id"])
    return page(lines, request.params, f"/v1/invoices/{request.id}/lines")


def finalize(request: Request) -> Object:
    request.values({"auto_advance": BOOLEAN})
    account, invoice = request.account, _found(request)
    if invoice["status"] != "draft":
        raise not_editable("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    _finalize(account, invoice)
    return expanded(request, shown(account, invoice))


def pay(request: Request) -> Object:
    """A draft is finalized first. Raises StripeError (402) where the card is one that is declined."""
    values = request.values({"paid_out_of_band": BOOLEAN, "payment_method": TEXT, "off_session": BOOLEAN})
    account, invoice = request.account, _found(request)
    if invoice["status"] == "draft":
        _finalize(account, invoice)
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(400, f"Invoice is already {invoice['status']}", code="invoice_not_open")
    card = _card(account, invoice, values.get("payment_method"))
    if card is not None and card["card"]["last4"] == DECLINED and not values.get("paid_out_of_band"):
        invoice |= {"attempted": True}
        account.emit("invoice.payment_failed", shown(account, invoice))
        raise StripeError(402, "Your card was declined.", kind="card_error", code="card_declined")
    invoice |= {"attempted": True, "paid": True, "status": "paid"}
    account.emit("invoice.paid", shown(account, invoice))
    account.emit("invoice.payment_succeeded", shown(account, invoice))
    return expanded(request, shown(account, invoice))


def send(request: Request) -> Object:
    account, invoice = request.account, _found(request)
    if invoice["status"] == "draft":
        _finalize(account, invoice)
    account.emit("invoice.sent", shown(account, invoice))
    return expanded(request, shown(account, invoice))


def void(request: Request) -> Object:
    return _end(request, "void", "invoice.voided", from_=("open", "uncollectible"))


def mark_uncollectible(request: Request) -> Object:
    return _end(request, "uncollectible", "invoice.marked_uncollectible", from_=("open",))


def pay_elsewhere(account: Account, id_: str) -> Object:
    """Paid whatever the card says, as by a transfer."""
    return pay(Request(account, {"paid_out_of_band": "true"}, (id_,)))


def fail_finalization(account: Account, id_: str, code: str, message: str) -> Object:
    invoice = account.get(KIND, id_)
    invoice["last_finalization_error"] = {"type": "invalid_request_error", "code": code, "message": message}
    return tell(account, id_, "finalization_failed")


def tell(account: Account, id_: str, what: str) -> Object:
    """An event that comes from time or from a bank: overdue, payment_failed, payment_action_required."""
    found = shown(account, account.get(KIND, id_))
    account.emit(f"invoice.{what}", found)
    return found


def shown(account: Account, invoice: Object) -> Object:
    """With its lines and what they add up to."""
    lines = invoice_items.lines(account, invoice["id"])
    total = sum(line["amount"] for line in lines)
    paid = total if invoice["paid"] else 0
    amounts: dict[str, Any] = {"amount_due": total, "amount_paid": paid, "amount_remaining": total - paid}
    invoice |= amounts | {"subtotal": total, "total": total}
    url = f"/v1/invoices/{invoice['id']}/lines"
    return invoice | {"lines": page(lines, {}, url)}


def _found(request: Request) -> Object:
    return request.account.get(KIND, request.id)


def _finalize(account: Account, invoice: Object) -> None:
    customer = account.get(customers.KIND, invoice["customer"])
    if invoice["automatic_tax"]["enabled"] and customers.tax_state(customer) == customers.UNKNOWN_LOCATION:
        raise StripeError(
            400,
            "The customer's location isn't recognized. Set a valid customer address in order to automatically"
            " calculate tax.",
            code="customer_tax_location_invalid",
        )
    account.invoice_numbers += 1
    intent = account.new("pi_", "payment_intent", customer=customer["id"], status="requires_payment_method")
    invoice["number"] = f"DEV-{account.invoice_numbers:04d}"
    invoice["hosted_invoice_url"] = f"https://invoice.stripe.com/i/{invoice['id']}"
    invoice |= {"payment_intent": intent["id"], "status": "open"}
    account.emit("invoice.finalized", shown(account, invoice))


def _card(account: Account, invoice: Object, given: str | None) -> Object | None:
    customer = account.get(customers.KIND, invoice["customer"])
    default = customer["invoice_settings"]["default_payment_method"]
    id_ = given or invoice["default_payment_method"] or default
    return account.objects.get(id_) if id_ else None


def _end(request: Request, status: str, event: str, *, from_: tuple[str, ...]) -> Object:
    account, invoice = request.account, _found(request)
    if invoice["status"] not in from_:
        raise StripeError(400, "You can only pass in open invoices. This invoice isn't open.")
    invoice["status"] = status
    account.emit(event, shown(account, invoice))
    return expanded(request, shown(account, invoice))


ROUTES = (
    Route("GET", "/v1/invoices", list_),
    Route("POST", "/v1/invoices", create),
    Route("GET", "/v1/invoices/{id}", retrieve),
    Route("POST", "/v1/invoices/{id}", update),
    Route("DELETE", "/v1/invoices/{id}", delete),
    Route("GET", "/v1/invoices/{id}/lines", list_lines),
    Route("POST", "/v1/invoices/{id}/finalize", finalize),
    Route("POST", "/v1/invoices/{id}/pay", pay),
    Route("POST", "/v1/invoices/{id}/send", send),
    Route("POST", "/v1/invoices/{id}/void", void),
    Route("POST", "/v1/invoices/{id}/mark_uncollectible", mark_uncollectible),
)
