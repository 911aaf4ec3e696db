"""What triggers stand on: a customer that is billed through the Stripe app, a real invoice of it, and waiting."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import DevkitError
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.customers import link_customers
from devkit.stripe_app.failures import asked
from devkit.stripe_app.profiles import ensure_profile, pin

if TYPE_CHECKING:
    import stripe

WITHIN = 60.0  # seconds for what is under way between OpenMeter and Stripe
AMOUNT = "10"  # US dollars, of the one line that an invoice has

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_NOT_FOUND = 404
_EVENTS_LOOKED_AT = 20
_PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
_HINT = "devkit stripe status says whether the webhook is right, devkit tunnel status whether Stripe reaches it"

Tell = Callable[[str], None]
Invoice = dict[str, Any]


@dataclass(frozen=True)
class Payer:
    """id: of the customer in OpenMeter; stripe: at Stripe"""

    id: str
    key: str
    stripe: str


@dataclass
class Stage:
    """One run of a trigger. states: all that were seen, in their order; within: seconds for each wait"""

    openmeter: OpenMeter
    connection: StripeConnection
    tell: Tell
    within: float = WITHIN
    states: list[str] = field(default_factory=list)
    _last: dict[str, str] = field(default_factory=dict)

    @cached_property
    def client(self) -> "stripe.StripeClient":
        return self.connection.access.client()

    def saw(self, where: str, state: str) -> None:
        """Tells of a state once, as long as it lasts. where: OpenMeter or Stripe"""
        if self._last.get(where) == state:
            return
        self._last[where] = state
        self.states.append(f"{where}: {state}")
        self.tell(self.states[-1])

    def payer(self, key: str, card: str | None) -> Payer:
        """The customer with this key: made, pinned to the profile of the Stripe app and linked, where it is not."""
        profile = ensure_profile(self.openmeter, self.connection.app, default=False)
        customer = str(self._customer(key)["id"])
        pin(self.openmeter, customer, profile.id)
        access, owner, app = self.connection.access, self.connection.owner, self.connection.app
        (link,) = link_customers(self.openmeter, access, owner, [key], app=app, card=card).links
        self.saw("OpenMeter", f"customer {key} is {link.stripe_customer} at Stripe")
        return Payer(customer, key, link.stripe_customer)

    def issued(self, payer: Payer, why: str) -> Invoice:
        """A new invoice of the payer that OpenMeter has issued to Stripe. why: it is for, on its line"""
        price = {"type": "flat", "amount": AMOUNT, "paymentTerm": "in_advance"}
        line = {"name": why, "period": _PERIOD, "invoiceAt": _PERIOD["to"], "rateCard": {"price": price}}
        body = {"currency": "USD", "lines": [line]}
        self.openmeter.call("createPendingInvoiceLine", path={"customerId": payer.id}, body=body)
        made = self.openmeter.call("invoicePendingLinesAction", body={"customerId": payer.id})[0]
        return self.wait(made["id"], "to be issued to Stripe", _is_at_stripe)

    def wait(self, id_: str, what: str, enough: Callable[[Invoice], bool], event: str = "") -> Invoice:
        """OpenMeter's invoice once it is far enough; on the way it is approved where it waits for that.

        event: the one that Stripe sends about it, to be told of where it does not come. Raises DevkitError.
        """
        looks = _looks()
        while True:
            waited = next(looks)
            invoice = self.openmeter.call("getInvoice", path={"invoiceId": id_})
            self.saw("OpenMeter", f"invoice {state_of(invoice)}")
            if enough(invoice):
                return dict(invoice)
            _refuse_stuck(invoice)
            if waited >= self.within:
                raise self._late(invoice, what, event)
            self._approve(invoice)

    def until(self, what: str, look: Callable[[], str | None], evidence: Callable[[], Sequence[str]]) -> str:
        """What `look` finds once it finds something. Raises DevkitError, with the evidence, when it takes too long."""
        looks = _looks()
        while True:
            waited = next(looks)
            if found := look():
                return found
            if waited >= self.within:
                raise DevkitError(f"waited {self.within:g} s for {what}, in vain", hint=_HINT, evidence=evidence())

    def events(self, kind: str, about: str) -> list[str]:
        """What Stripe has to say of its newest events of a kind about one object, a line for each. Raises nothing."""
        events = self.client.v1.events
        try:
            found = asked(lambda: events.list({"type": kind, "limit": _EVENTS_LOOKED_AT}).data, "list Stripe's events")
        except DevkitError as error:
            return [error.message]
        told = [
            f"Stripe: event {each.id} {kind}, {each.pending_webhooks} webhooks pending"
            for each in found
            if each.data.object["id"] == about
        ]
        return told or [f"Stripe: no event {kind} about {about}"]

    def look_at_stripe(self, invoice: str) -> "stripe.Invoice":
        """The invoice with this id at Stripe, as it is now."""
        return asked(lambda: self.client.v1.invoices.retrieve(invoice), f"look at the invoice {invoice} at Stripe")

    def _status_at_stripe(self, invoice: str) -> str:
        """A line of evidence, which must not hide what it is the evidence of."""
        try:
            return f"Stripe: invoice {invoice} {self.look_at_stripe(invoice).status}"
        except DevkitError as error:
            return error.message

    def _customer(self, key: str) -> Mapping[str, Any]:
        try:
            return dict(self.openmeter.call("getCustomer", path={"customerIdOrKey": key}))
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise
        body = {"key": key, "name": f"Devkit ({key})", "primaryEmail": f"{key}@example.com", "currency": "USD"}
        return dict(self.openmeter.call("createCustomer", body=body))

    def _approve(self, invoice: Invoice) -> None:
        """The server's own worker may be quicker; then there is nothing to approve any more."""
        if (invoice["statusDetails"].get("availableActions") or {}).get("approve"):
            self.openmeter.send("approveInvoiceAction", path={"invoiceId": invoice["id"]})

    def _late(self, invoice: Invoice, what: str, event: str) -> DevkitError:
        told = [f"OpenMeter: invoice {invoice['number']} {state_of(invoice)}", *_issues(invoice)]
        if at_stripe := stripe_invoice(invoice):
            told.append(self._status_at_stripe(at_stripe))
            told += self.events(event, at_stripe) if event else []
        message = f"waited {self.within:g} s for the invoice {what}, in vain: it is {state_of(invoice)}"
        return DevkitError(message, hint=_HINT, evidence=told)


def _looks() -> Iterator[float]:
    """Seconds gone by, at each look. The first is at once, the next come at growing pauses."""
    began, pause = time.monotonic(), _FIRST_PAUSE
    yield 0.0
    while True:
        time.sleep(pause)
        pause = min(pause * 1.6, _LONGEST_PAUSE)
        yield time.monotonic() - began


def state_of(invoice: Invoice) -> str:
    """Such as `payment_processing.pending`."""
    return str(invoice["statusDetails"]["extendedStatus"])


def stripe_invoice(invoice: Invoice) -> str:
    """Its id at Stripe, empty where it is not there."""
    return str((invoice.get("externalIds") or {}).get("invoicing") or "")


def _is_at_stripe(invoice: Invoice) -> bool:
    return bool(stripe_invoice(invoice)) and not state_of(invoice).startswith(("draft.", "issuing.", "issued"))


def _refuse_stuck(invoice: Invoice) -> None:
    """Raises DevkitError for a state before Stripe that nothing leads out of."""
    state = state_of(invoice)
    if state == "draft.invalid" or (state.startswith(("draft.", "issuing.")) and state.endswith("failed")):
        raise DevkitError(
            f"OpenMeter could not issue the invoice {invoice['number']} to Stripe: it is {state}",
            hint="devkit stripe status says whether the app's key still opens the account",
            evidence=_issues(invoice),
        )


def _issues(invoice: Invoice) -> list[str]:
    return [f"OpenMeter: {each.get('message')}" for each in invoice.get("validationIssues") or ()]
