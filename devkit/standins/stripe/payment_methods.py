"""Payment methods: cards of the test mode."""

from typing import Any

from devkit.standins.stripe.account import Account, Object
from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.fields import ANY, METADATA, TEXT, Fields, change
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.requests import Request, Route, expanded

KIND = "payment_method"
DECLINED = "0341"
AUTHENTICATED = "3184"  # its bank always asks the customer first

# Stripe's own ids of test cards: brand and last four digits.
TEST_CARDS = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_mastercard": ("mastercard", "4444"),
    "pm_card_amex": ("amex", "8431"),
    "pm_card_chargeCustomerFail": ("visa", DECLINED),
    "pm_card_authenticationRequired": ("visa", AUTHENTICATED),
}

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_BILLING: Fields = {"address": dict.fromkeys(_ADDRESS, TEXT), "email": TEXT, "name": TEXT, "phone": TEXT}
_FIELDS: Fields = {"type": TEXT, "card": ANY, "billing_details": _BILLING, "metadata": METADATA}


def create(request: Request) -> Object:
    values = request.values(_FIELDS)
    if values.pop("type", None) != "card":
        raise StripeError(400, "The stand-in has only payment methods of the type card.", param="type")
    values.pop("card", None)
    made = new_card(request.account, "pm_card_visa")
    address = (values.get("billing_details") or {}).get("address")
    if address:
        values["billing_details"]["address"] = made["billing_details"]["address"] | address
    change(made, values)
    return made


def retrieve(request: Request) -> Object:
    return expanded(request, _found(request))


def update(request: Request) -> Object:
    card = _found(request)
    change(card, request.values({"billing_details": _BILLING, "metadata": METADATA}))
    return card


def attach(request: Request) -> Object:
    """A test card by Stripe's own id is for everybody: each customer gets a card of its own, with an id of its own."""
    account = request.account
    customer = account.get("customer", request.values({"customer": TEXT}).get("customer"))
    card = card_for(account, request.id, customer=customer["id"])
    if request.id not in TEST_CARDS:
        card["customer"] = customer["id"]
        account.emit("payment_method.attached", card)
    return expanded(request, card)


def detach(request: Request) -> Object:
    card = request.account.get(KIND, request.id)
    before, card["customer"] = card["customer"], None
    request.account.emit("payment_method.detached", card, {"customer": before})
    return card


def list_(request: Request) -> Object:
    return page(request.account.all(KIND), request.params, "/v1/payment_methods", {"customer": TEXT, "type": TEXT})


def new_card(account: Account, test_card: str, *, customer: str | None = None) -> Object:
    brand, digits = TEST_CARDS[test_card]
    card: dict[str, Any] = {"brand": brand, "country": "US", "exp_month": 12, "exp_year": 2034, "last4": digits}
    billing = {"address": dict.fromkeys(_ADDRESS), "email": None, "name": None, "phone": None}
    return account.new("pm_", KIND, billing_details=billing, card=card, customer=customer, type="card")


def card_for(account: Account, id_: str | None, *, customer: str | None) -> Object:
    """The card with this id, or a new one of the customer's where the id is that of a test card. Raises StripeError."""
    if id_ not in TEST_CARDS:
        return account.get(KIND, id_)
    card = new_card(account, id_, customer=customer)
    if customer is not None:
        account.emit("payment_method.attached", card)
    return card


def _found(request: Request) -> Object:
    """Stripe's test cards are there for everybody; the stand-in keeps each under the id that was asked for."""
    account = request.account
    if request.id in TEST_CARDS and request.id not in account.objects:
        card = new_card(account, request.id)
        del account.objects[card["id"]]
        return account.keep(card | {"id": request.id})
    return account.get(KIND, request.id)


ROUTES = (
    Route("GET", "/v1/payment_methods", list_),
    Route("POST", "/v1/payment_methods", create),
    Route("GET", "/v1/payment_methods/{id}", retrieve),
    Route("POST", "/v1/payment_methods/{id}", update),
    Route("POST", "/v1/payment_methods/{id}/attach", attach),
    Route("POST", "/v1/payment_methods/{id}/detach", detach),
)
