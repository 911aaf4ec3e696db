"""Customers of OpenMeter at Stripe: each gets a Stripe customer with a test card, and OpenMeter is told which one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.core.errors import DevkitError
from devkit.stripe_app.failures import StripeFailureError, asked
from devkit.stripe_app.ownership import Owner

if TYPE_CHECKING:
    import stripe

VISA = "pm_card_visa"  # Stripe's own id of a test card that always pays
CUSTOMER_ID = "om_customer_id"  # in the metadata, where OpenMeter itself writes it, too

_NOT_FOUND = 404
_MISSING = "resource_missing"
_LOOKED_THROUGH = 1000  # customers at Stripe, the newest first: who is older is asked for one by one


@dataclass(frozen=True)
class Link:
    """A customer of OpenMeter and who it is at Stripe. id: in OpenMeter; card: whether it can pay by one."""

    key: str
    id: str
    stripe_customer: str
    card: bool
    changed: bool


@dataclass(frozen=True)
class LinkResult:
    """missing: keys that no customer of OpenMeter has"""

    links: tuple[Link, ...]
    missing: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return any(link.changed for link in self.links)

    def __str__(self) -> str:
        new = sum(link.changed for link in self.links)
        said = f"{len(self.links)} {'customer' if len(self.links) == 1 else 'customers'} at Stripe, {new} new"
        return f"{said}; not found: {', '.join(self.missing)}" if self.missing else said


def link_customers(
    openmeter: OpenMeter,
    access: StripeAccess,
    owner: Owner,
    keys: Sequence[str],
    *,
    app: str | None = None,
    card: str | None = VISA,
) -> LinkResult:
    """Links the customers with these keys. What is there is found: done twice, it changes nothing.

    app:  the id of the Stripe app (default: the one of this account)
    card: a test card by Stripe's id, for who has no card to pay by; None: nobody gets one

    Raises DevkitError where OpenMeter has no Stripe app, where either side refuses, or where Stripe is not reached.
    """
    client = access.client()
    linking = _Linking(openmeter, client, owner, app or app_of_account(openmeter, client), card)
    found = {key: linking.link(key) for key in dict.fromkeys(keys)}
    missing = tuple(key for key, link in found.items() if link is None)
    return LinkResult(tuple(link for link in found.values() if link is not None), missing)


def app_of_account(openmeter: OpenMeter, client: "stripe.StripeClient") -> str:
    """The id of the Stripe app of the client's account. Raises DevkitError where there is none."""
    apps = [each for each in openmeter.everything("listApps") if each["type"] == "stripe"]
    account = asked(lambda: client.v1.accounts.retrieve_current().id, "ask Stripe whose the key is")
    found = next((each["id"] for each in apps if each.get("stripeAccountId") == account), None)
    if found is None:
        raise DevkitError(f"OpenMeter has no app of the Stripe account {account}", hint="devkit stripe sync")
    return str(found)


class _Linking:
    """One run. What Stripe knows is asked for once, when it is first needed."""

    def __init__(
        self, openmeter: OpenMeter, client: "stripe.StripeClient", owner: Owner, app: str, card: str | None
    ) -> None:
        self._openmeter = openmeter
        self._stripe = client.v1
        self._owner = owner
        self._app = app
        self._card = card
        self._known: list[stripe.Customer] | None = None

    def link(self, key: str) -> Link | None:
        """None where OpenMeter has no such customer."""
        try:
            customer = self._openmeter.call("getCustomer", path={"customerIdOrKey": key})
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        recorded = self._recorded(customer["id"])
        there = self._at_stripe(recorded) or self._made_before(customer["id"]) or self._make(customer)
        given = self._card is not None and not _can_pay(there)
        if given:
            self._give_card(there.id, self._card or VISA)
        if there.id != recorded:
            self._record(customer["id"], there.id)
        return Link(key, customer["id"], there.id, given or _can_pay(there), changed=given or there.id != recorded)

    def _recorded(self, customer: str) -> str | None:
        """Who the customer is at Stripe, as OpenMeter has it."""
        path = {"customerIdOrKey": customer}
        answer = self._openmeter.call("listCustomerAppData", path=path, query={"page": 1, "pageSize": 100})
        found = (each for each in answer["items"] if each["type"] == "stripe" and each.get("id") == self._app)
        return next((str(each["stripeCustomerId"]) for each in found), None)

    def _record(self, customer: str, stripe_customer: str) -> None:
        """With the id of the app, whatever profile the customer is billed by."""
        item = {"type": "stripe", "id": self._app, "stripeCustomerId": stripe_customer}
        self._openmeter.call("upsertCustomerAppData", path={"customerIdOrKey": customer}, body=[item])

    def _at_stripe(self, id_: str | None) -> "stripe.Customer | None":
        """The customer of this id, None where it is gone."""
        if id_ is None:
            return None
        if known := next((each for each in self._all() if each.id == id_), None):
            return known
        try:
            found = asked(lambda: self._stripe.customers.retrieve(id_), f"look at the customer {id_} at Stripe")
        except StripeFailureError as error:
            if error.code == _MISSING:
                return None
            raise
        return None if getattr(found, "deleted", False) else found

    def _made_before(self, customer: str) -> "stripe.Customer | None":
        """Who an earlier run made but did not get to tell OpenMeter of, or whom a removed app knew."""
        mine = (each for each in self._all() if self._owner.owns(_metadata(each)))
        return next((each for each in mine if _metadata(each).get(CUSTOMER_ID) == customer), None)

    def _make(self, customer: Mapping[str, Any]) -> "stripe.Customer":
        metadata = {**self._owner.metadata(), CUSTOMER_ID: customer["id"]}
        wanted: stripe.params.CustomerCreateParams = {"name": customer["name"], "metadata": metadata}
        if email := customer.get("primaryEmail"):
            wanted["email"] = email
        once: stripe.RequestOptions = {"idempotency_key": uuid4().hex}
        return asked(lambda: self._stripe.customers.create(wanted, once), f"make the customer {customer['name']}")

    def _give_card(self, stripe_customer: str, card: str) -> None:
        once: stripe.RequestOptions = {"idempotency_key": uuid4().hex}
        methods, doing = self._stripe.payment_methods, f"give the customer {stripe_customer} a test card"
        attached = asked(lambda: methods.attach(card, {"customer": stripe_customer}, once), doing)
        settings: stripe.params.CustomerUpdateParamsInvoiceSettings = {"default_payment_method": attached.id}
        asked(lambda: self._stripe.customers.update(stripe_customer, {"invoice_settings": settings}), doing)

    def _all(self) -> "list[stripe.Customer]":
        """Stripe's search by metadata lags behind what was made, the list does not."""
        if self._known is None:
            pages = self._stripe.customers
            self._known = asked(lambda: list(_newest(pages.list({"limit": 100}))), "list the customers at Stripe")
        return self._known


def _newest(pages: "stripe.ListObject[stripe.Customer]") -> "Iterator[stripe.Customer]":
    for number, customer in enumerate(pages.auto_paging_iter()):
        if number >= _LOOKED_THROUGH:
            return
        yield customer


def _metadata(customer: "stripe.Customer") -> dict[str, str]:
    metadata = customer.metadata
    return dict(metadata.to_dict()) if metadata else {}


def _can_pay(customer: "stripe.Customer") -> bool:
    settings = customer.invoice_settings
    return bool(settings and settings.default_payment_method)
