"""What a customer is sent to: checkout sessions with their setup intents, and sessions of the billing portal."""

import time

from devkit.standins.stripe.account import Account, Object, new_id
from devkit.standins.stripe.errors import StripeError
from devkit.standins.stripe.fields import ANY, BOOLEAN, CURRENCY, INTEGER, METADATA, TEXT, Fields
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.payment_methods import AUTHENTICATED, card_for, new_card
from devkit.standins.stripe.requests import Request, Route, expanded

CHECKOUT, SETUP = "checkout.session", "setup_intent"

_ONE_DAY = 86_400
_CHECKOUT: Fields = {
    "cancel_url": TEXT,
    "client_reference_id": TEXT,
    "consent_collection": ANY,
    "currency": CURRENCY,
    "custom_text": ANY,
    "customer": TEXT,
    "customer_update": ANY,
    "expires_at": INTEGER,
    "locale": TEXT,
    "metadata": METADATA,
    "mode": TEXT,
    "payment_method_types": ANY,
    "redirect_on_completion": TEXT,
    "return_url": TEXT,
    "setup_intent_data": {"description": TEXT, "metadata": METADATA, "on_behalf_of": TEXT},
    "billing_address_collection": TEXT,
    "success_url": TEXT,
    "tax_id_collection": ANY,
    "ui_mode": TEXT,
}
_SETUP_INTENT: Fields = {
    "automatic_payment_methods": ANY,
    "confirm": BOOLEAN,
    "customer": TEXT,
    "metadata": METADATA,
    "payment_method": TEXT,
    "payment_method_types": ANY,
    "usage": TEXT,
}
_SHOWN = ("cancel_url", "client_reference_id", "currency", "locale", "return_url", "success_url", "ui_mode")
_PORTAL: Fields = {"configuration": TEXT, "customer": TEXT, "flow_data": ANY, "locale": TEXT, "return_url": TEXT}


def create_setup_intent(request: Request) -> Object:
    """One that is confirmed has succeeded at once, but with the card whose bank asks the customer first."""
    account, values = request.account, request.values(_SETUP_INTENT)
    made = _setup_intent(account, values.get("customer"), values.get("metadata") or {})
    if values.get("confirm"):
        card = card_for(account, values.get("payment_method"), customer=made["customer"])
        asks = card["card"]["last4"] == AUTHENTICATED
        made |= {"payment_method": card["id"], "status": "requires_action" if asks else "succeeded"}
        account.emit(f"setup_intent.{made['status']}", made)
    return expanded(request, made)


def cancel_setup_intent(request: Request) -> Object:
    """Raises StripeError for one that has ended."""
    request.values({"cancellation_reason": TEXT})
    intent = request.account.get(SETUP, request.id)
    if intent["status"] in ("succeeded", "canceled"):
        said = f"You cannot cancel this SetupIntent because it has a status of {intent['status']}."
        raise StripeError(400, said, code="setup_intent_unexpected_state")
    intent["status"] = "canceled"
    request.account.emit("setup_intent.canceled", intent)
    return expanded(request, intent)


def retrieve_setup_intent(request: Request) -> Object:
    return expanded(request, request.account.get(SETUP, request.id))


def create_checkout(request: Request) -> Object:
    account, values = request.account, request.values(_CHECKOUT)
    if values.get("mode") != "setup":
        raise StripeError(400, "The stand-in has only checkout sessions of the mode setup.", param="mode")
    customer = account.get("customer", values.get("customer"))["id"]
    metadata = (values.get("setup_intent_data") or {}).get("metadata") or {}
    intent = _setup_intent(account, customer, metadata)
    made = account.new(
        "cs_test_",
        CHECKOUT,
        **{name: values.get(name) for name in _SHOWN},
        client_secret=None,
        customer=customer,
        expires_at=values.get("expires_at") or int(time.time()) + _ONE_DAY,
        mode="setup",
        setup_intent=intent["id"],
        status="open",
    )
    made["metadata"] = values.get("metadata") or {}
    if made["ui_mode"] == "embedded":
        made |= {"url": None, "client_secret": new_id(f"{made['id']}_secret_", 16)}
    else:
        made["url"] = f"https://checkout.stripe.com/c/pay/{made['id']}"
    return expanded(request, made)


def retrieve_checkout(request: Request) -> Object:
    return expanded(request, request.account.get(CHECKOUT, request.id))


def list_checkouts(request: Request) -> Object:
    found = request.account.all(CHECKOUT)
    return page(found, request.params, "/v1/checkout/sessions", {"customer": TEXT, "status": TEXT})


def complete_checkout(account: Account, id_: str, test_card: str = "pm_card_visa") -> Object:
    """What a customer does in the browser: a card, and the setup intent has succeeded. Raises StripeError."""
    session = account.get(CHECKOUT, id_)
    if session["status"] != "open":
        raise StripeError(400, f"This Checkout Session is {session['status']}.")
    intent = account.get(SETUP, session["setup_intent"])
    card = new_card(account, test_card, customer=session["customer"])
    account.emit("payment_method.attached", card)
    intent |= {"status": "succeeded", "payment_method": card["id"]}
    session["status"] = "complete"
    account.emit("setup_intent.succeeded", intent)
    account.emit("checkout.session.completed", session)
    return intent


def create_portal(request: Request) -> Object:
    values = request.values(_PORTAL)
    request.account.get("customer", values.get("customer"))
    shown = {name: values.get(name) for name in ("customer", "locale", "return_url")}
    made = request.account.new("bps_", "billing_portal.session", **shown)
    made["configuration"] = values.get("configuration") or "bpc_default"
    made["url"] = f"https://billing.stripe.com/p/session/{made['id']}"
    return made


def _setup_intent(account: Account, customer: str | None, metadata: Object) -> Object:
    made = account.new(
        "seti_",
        SETUP,
        client_secret=new_id("seti_secret_"),
        customer=customer,
        payment_method=None,
        usage="off_session",
    )
    made |= {"metadata": metadata, "status": "requires_payment_method"}
    return made


ROUTES = (
    Route("POST", "/v1/setup_intents", create_setup_intent),
    Route("GET", "/v1/setup_intents/{id}", retrieve_setup_intent),
    Route("POST", "/v1/setup_intents/{id}/cancel", cancel_setup_intent),
    Route("GET", "/v1/checkout/sessions", list_checkouts),
    Route("POST", "/v1/checkout/sessions", create_checkout),
    Route("GET", "/v1/checkout/sessions/{id}", retrieve_checkout),
    Route("POST", "/v1/billing_portal/sessions", create_portal),
)
