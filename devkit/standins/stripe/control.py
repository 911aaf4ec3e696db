"""The stand-in's own routes, `/_standin/…`: what a test or a person wants to see and to have happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.standins.stripe import invoices, sessions, webhook_endpoints
from devkit.standins.stripe.account import Account
from devkit.standins.stripe.books import Book
from devkit.standins.stripe.deliveries import Deliveries
from devkit.standins.stripe.errors import StripeError, missing
from devkit.standins.stripe.requests import Request

PREFIX = "/_standin/"

_COUNTED = ("customer", "invoice", "webhook_endpoint", "event")
_TOLD_BY_TIME = ("overdue", "payment_failed", "payment_action_required")

Given = Mapping[str, Any]
OfAccount = Callable[["Control", Given], Any]
OfInvoice = Callable[[Account, str, Given], Any]


@dataclass(frozen=True)
class Control:
    """What the controls act on. books: of all accounts."""

    book: Book
    books: Mapping[str, Book]
    deliveries: Deliveries

    def answer(self, path: str, given: Given) -> Any:
        """Raises StripeError where there is no such route."""
        account = self.book.account
        match path.removeprefix(PREFIX).split("/"):
            case [action] if action in _OF_ACCOUNTS:
                return _OF_ACCOUNTS[action](self, given)
            case ["checkout", id_, "complete"]:
                return sessions.complete_checkout(account, id_, given.get("card", "pm_card_visa"))
            case ["invoices", id_, action] if action in _OF_INVOICES:
                return _OF_INVOICES[action](account, id_, given)
        raise StripeError(404, f"no such control: {path}")


def _state(control: Control, _: Given) -> Any:
    counts = {kind: len(control.book.account.all(kind)) for kind in _COUNTED}
    return {"requests": list(control.book.requests), "deliveries": control.deliveries.done(), "counts": counts}


def _reset(control: Control, _: Given) -> Any:
    control.book.reset()
    control.deliveries.forget()
    return {}


def _add_fault(control: Control, given: Given) -> Any:
    control.book.faults.add(dict(given))
    return {"faults": [vars(fault) for fault in control.book.faults.all]}


def _deliver(control: Control, given: Given) -> Any:
    control.book.account.delivers = bool(given.get("on", True))
    return {"on": control.book.account.delivers}


def _sent(control: Control, _: Given) -> Any:
    return control.book.take_writes()


def _secret(control: Control, given: Given) -> Any:
    """Of the endpoint with this id, or of the one that OpenMeter registered for this app in any account."""
    account = control.book.account
    if "id" in given:
        return {"secret": account.secrets[account.get(webhook_endpoints.KIND, given["id"])["id"]]}
    for one in (book.account for book in control.books.values()):
        for endpoint in one.all(webhook_endpoints.KIND):
            if endpoint["metadata"].get("om_app_id") == given.get("app"):
                return {"secret": one.secrets[endpoint["id"]]}
    raise missing(webhook_endpoints.KIND, str(given.get("app")))


def _as_request(handler: Callable[..., Any]) -> OfInvoice:
    return lambda account, id_, _: handler(Request(account, {}, (id_,)))


def _fail_finalization(account: Account, id_: str, given: Given) -> Any:
    code = given.get("code", "invoice_no_customer_line_items")
    return invoices.fail_finalization(account, id_, code, given.get("message", "Nothing to invoice for customer"))


def _telling(what: str) -> OfInvoice:
    return lambda account, id_, _: invoices.tell(account, id_, what)


_OF_ACCOUNTS: Mapping[str, OfAccount] = {
    "state": _state,
    "reset": _reset,
    "faults": _add_fault,
    "deliver": _deliver,
    "sent": _sent,
    "secret": _secret,
}
_OF_INVOICES: Mapping[str, OfInvoice] = {
    "pay": lambda account, id_, _: invoices.pay_elsewhere(account, id_),
    "void": _as_request(invoices.void),
    "mark_uncollectible": _as_request(invoices.mark_uncollectible),
    "send": _as_request(invoices.send),
    "finalization_failed": _fail_finalization,
    **{what: _telling(what) for what in _TOLD_BY_TIME},
}
