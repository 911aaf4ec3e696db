"""What each trigger does at Stripe, and where it waits for OpenMeter to have heard of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from devkit.stripe_app.customers import CUSTOMER_ID, VISA
from devkit.stripe_app.failures import StripeFailureError, asked
from devkit.stripe_app.trigger_stage import Invoice, Payer, Stage, state_of, stripe_invoice

if TYPE_CHECKING:
    import stripe

DECLINED = "pm_card_chargeCustomerFail"  # Stripe's own id of a card that can be attached and never pays

_DASHBOARD = "https://dashboard.stripe.com/test"
_PAYMENT_REQUIRED = 402
_NAMESPACE = "default"  # of OpenMeter, which has one only


@dataclass(frozen=True)
class Happened:
    """ids, links: by what they are of; note: what a person can do now"""

    ids: dict[str, str]
    links: dict[str, str]
    note: str = ""


def checkout(stage: Stage) -> Happened:
    """Nothing is waited for: a person has to follow the link."""
    payer = stage.payer("devkit-trigger-checkout", None)
    options = {"successURL": "https://example.com/done", "cancelURL": "https://example.com/back"}
    body = {"appId": stage.connection.app, "customer": {"id": payer.id}, "options": options}
    session = stage.openmeter.call("createStripeCheckoutSession", body=body)
    stage.saw("Stripe", "checkout open")
    ids = {**_of(payer), "checkout": session["sessionId"], "setup intent": session["setupIntentId"]}
    return Happened(ids, {"checkout": session["url"]}, _how_to_complete(stage, session["sessionId"]))


def invoice_paid(stage: Stage) -> Happened:
    payer = stage.payer("devkit-trigger", VISA)
    invoice = stage.issued(payer, "devkit stripe trigger invoice.paid")
    found = _at_stripe(stage, invoice)
    if found.status == "open":  # else Stripe has tried by itself, as it may
        _pay(stage, found)
    return _followed(stage, payer, invoice, "invoice.paid", "paid")


def payment_failed(stage: Stage) -> Happened:
    payer, invoice = _unpayable(stage, "invoice.payment_failed")
    _pay(stage, _at_stripe(stage, invoice))
    happened = _followed(stage, payer, invoice, "invoice.payment_failed", "payment_processing.failed")
    note = "It stays unpaid. Void it at Stripe when you are done: an open invoice keeps the app from being removed."
    return Happened(happened.ids, happened.links, note)


def voided(stage: Stage) -> Happened:
    payer, invoice = _unpayable(stage, "invoice.voided")
    id_ = stripe_invoice(invoice)
    asked(lambda: stage.client.v1.invoices.void_invoice(id_), f"void the invoice {id_} at Stripe")
    return _followed(stage, payer, invoice, "invoice.voided", "voided")


def uncollectible(stage: Stage) -> Happened:
    payer, invoice = _unpayable(stage, "invoice.marked_uncollectible")
    id_ = stripe_invoice(invoice)
    asked(lambda: stage.client.v1.invoices.mark_uncollectible(id_), f"give up on the invoice {id_} at Stripe")
    return _followed(stage, payer, invoice, "invoice.marked_uncollectible", "uncollectible")


def setup_succeeded(stage: Stage) -> Happened:
    """As after a checkout: a customer has left a card, which OpenMeter takes from then on."""
    payer = stage.payer("devkit-trigger", VISA)
    metadata = {"om_app_id": stage.connection.app, "om_namespace": _NAMESPACE, CUSTOMER_ID: payer.id}
    wanted: Any = {
        "customer": payer.stripe,
        "payment_method": VISA,
        "payment_method_types": ["card"],
        "confirm": True,
        "metadata": metadata,
    }
    once: stripe.RequestOptions = {"idempotency_key": uuid4().hex}
    intents = stage.client.v1.setup_intents
    intent = asked(lambda: intents.create(wanted, once), f"give the customer {payer.stripe} another card")
    stage.saw("Stripe", f"setup intent {intent.status}")
    card = str(intent.payment_method)
    stage.until(
        f"OpenMeter to know the card {card}",
        lambda: card if _card_in_openmeter(stage, payer) == card else None,
        lambda: [
            f"OpenMeter: the card of {payer.key} is {_card_in_openmeter(stage, payer)}",
            f"Stripe: setup intent {intent.id} {intent.status}",
            *stage.events("setup_intent.succeeded", intent.id),
        ],
    )
    stage.saw("OpenMeter", f"card {card}")
    return Happened({**_of(payer), "setup intent": intent.id, "card": card}, _links(stage, payer))


def _unpayable(stage: Stage, why: str) -> tuple[Payer, Invoice]:
    """A customer whose card is declined, so that Stripe does not take the money by itself, and its invoice."""
    payer = stage.payer("devkit-trigger-declined", DECLINED)
    return payer, stage.issued(payer, f"devkit stripe trigger {why}")


def _at_stripe(stage: Stage, invoice: Invoice) -> "stripe.Invoice":
    found = stage.look_at_stripe(stripe_invoice(invoice))
    stage.saw("Stripe", f"invoice {found.status}")
    return found


def _pay(stage: Stage, invoice: "stripe.Invoice") -> None:
    """A card that is declined is an outcome, no failure."""
    once: stripe.RequestOptions = {"idempotency_key": uuid4().hex}
    id_, invoices = str(invoice.id), stage.client.v1.invoices
    try:
        paid = asked(lambda: invoices.pay(id_, None, once), f"pay the invoice {id_} at Stripe")
    except StripeFailureError as declined:
        if declined.status != _PAYMENT_REQUIRED:
            raise
        stage.saw("Stripe", f"invoice open, payment failed: {declined.code}")
    else:
        stage.saw("Stripe", f"invoice {paid.status}")


def _followed(stage: Stage, payer: Payer, invoice: Invoice, event: str, state: str) -> Happened:
    """Waits until the webhook has brought OpenMeter's invoice to this state."""
    what = f"to become {state} here by Stripe's event {event}"
    done = stage.wait(invoice["id"], what, lambda now: state_of(now) == state, event)
    found = stage.look_at_stripe(stripe_invoice(done))
    ids = {**_of(payer), "invoice": done["id"], "number": done["number"], "Stripe invoice": str(found.id)}
    hosted = {"invoice": found.hosted_invoice_url} if found.hosted_invoice_url else {}
    return Happened(ids, {**hosted, **_links(stage, payer, invoice=str(found.id))})


def _of(payer: Payer) -> dict[str, str]:
    return {"customer": payer.id, "Stripe customer": payer.stripe}


def _links(stage: Stage, payer: Payer, invoice: str = "") -> dict[str, str]:
    """Pages of Stripe's dashboard; the stand-in has none."""
    if stage.connection.access.base is not None:
        return {}
    own = {"invoice in the dashboard": f"{_DASHBOARD}/invoices/{invoice}"} if invoice else {}
    return {**own, "customer in the dashboard": f"{_DASHBOARD}/customers/{payer.stripe}"}


def _how_to_complete(stage: Stage, session: str) -> str:
    base = stage.connection.access.base
    if base is None:
        return "Open the link and pay with 4242 4242 4242 4242, any date to come and any three digits."
    return f"The stand-in has no page. Complete it: curl -X POST {base}/_standin/checkout/{session}/complete"


def _card_in_openmeter(stage: Stage, payer: Payer) -> Any:
    path = {"customerIdOrKey": payer.id}
    return stage.openmeter.call("getCustomerStripeAppData", path=path).get("stripeDefaultPaymentMethodId")
