"""The Stripe app as one that carries invoices: drafts, their items, their end; payments come back as webhooks.

Its calls run inside of the transaction in which the invoice moves on, so that the invoice and its standing at Stripe
are stored together. What cannot be undone there is safe to repeat: drafts have a key of their own at Stripe, and items
that nothing here knows are removed by the next sync.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from devkit.embedded.domain.apps import STRIPE, App
from devkit.embedded.domain.billing.app_results import AppFailure, Finalized, Triggered, Upserted
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.errors import Refusal
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.stripe_app import chargeability, customer_data, invoice_items
from devkit.embedded.domain.stripe_app.customer_data import CustomerData
from devkit.embedded.domain.stripe_app.invoice_items import Item
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError, as_json, issue_text
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.stripe_app.connection import connected
from devkit.embedded.workflows.stripe_app.linking import known_data

if TYPE_CHECKING:
    from devkit.embedded.workflows.stripe_app.api import Object, StripeAPI

T = TypeVar("T")
R = TypeVar("R")

_NO_TAX_LOCATION = "customer_tax_location_invalid"
_NAMESPACE = "default"


class StripeInvoicing:
    """See protocol.InvoicingApp."""

    type = STRIPE

    def __init__(self, store: Store, app: App) -> None:
        self._store = store
        self._app = app

    def validate(self, invoice: Invoice) -> None:
        """The customer is known to Stripe, and can be charged or mailed and taxed as its profile says now."""
        with self._working() as api:
            customer_id = invoice["customer"]["id"]
            data = self._data(customer_id)
            at_stripe = self._customer(api, customer_id, data)
            workflow = profile_of_customer(self._store, customer_id)["workflow"]
            method = workflow["payment"]["collectionMethod"]
            way = _payment_method(api, data, at_stripe) if method == "charge_automatically" else None
            condition = chargeability.unmet_by_payment(method, data, at_stripe, way)
            condition = condition or chargeability.unmet_by_tax(workflow["tax"], at_stripe)
            if condition:
                raise customer_data.unmet(condition, self._app, customer_id, _NAMESPACE)

    def upsert(self, invoice: Invoice) -> Upserted:
        with self._working() as api:
            data = self._data(invoice["customer"]["id"])
            known = invoice.get("externalIds", {}).get("invoicing")
            return self._update(api, invoice, data, known) if known else self._create(api, invoice, data)

    def finalize(self, invoice: Invoice) -> Finalized:
        """A customer whom Stripe cannot place is invoiced without taxes, unless these are enforced."""
        id_, tax = invoice["externalIds"]["invoicing"], invoice["workflow"]["tax"]
        with self._working() as api:
            try:
                final = api.finalize_invoice(id_)
            except ProviderError as error:
                if error.code != _NO_TAX_LOCATION:
                    raise
                if tax["enforced"]:
                    text = f"stripe invoice {id_} customer tax location invalid: {error.message}"
                    raise AppFailure([Issue(text)]) from error
                api.update_invoice(id_, invoice_items.tax_params(enabled=False))
                final = api.finalize_invoice(id_)
        payment = customer_data.id_of(final.get("payment_intent"))
        return Finalized(invoice_number=final.get("number") or "", payment_external_id=payment or "")

    def delete(self, invoice: Invoice) -> None:
        id_ = invoice.get("externalIds", {}).get("invoicing")
        if not id_:
            raise AppFailure([Issue("stripe invoice id is required")])
        with self._working() as api:
            api.delete_invoice(id_)

    def post_advance(self, invoice: Invoice) -> Triggered | None:  # noqa: ARG002 - only webhooks move payments
        return None

    def can_draft_sync_advance(self, invoice: Invoice) -> bool:  # noqa: ARG002 - it never waits
        return True

    def can_issuing_sync_advance(self, invoice: Invoice) -> bool:  # noqa: ARG002 - it never waits
        return True

    def _create(self, api: "StripeAPI", invoice: Invoice, data: CustomerData) -> Upserted:
        params = invoice_items.invoice_params(invoice, self._app["id"], data, _NAMESPACE, self._store.now())
        draft = api.create_invoice(params, idempotency_key=invoice_items.idempotency_key(invoice))
        lines = _add(api, list(invoice_items.items(invoice)), data, draft["id"])
        return Upserted(draft.get("number") or "", draft["id"], lines)

    def _update(self, api: "StripeAPI", invoice: Invoice, data: CustomerData, id_: str) -> Upserted:
        tax = invoice_items.tax_params(enabled=invoice["workflow"]["tax"]["enabled"])
        draft = api.update_invoice(id_, tax)
        there = _by_any_id(api.invoice_lines(id_))
        items = list(invoice_items.items(invoice))
        lost = next((item for item in items if item.line_at_stripe and item.line_at_stripe not in there), None)
        if lost is not None:
            raise AppFailure([Issue(f"line not found in stripe lines: {lost.line_at_stripe}")])
        kept = {item.child_id: there[item.line_at_stripe]["id"] for item in items if item.line_at_stripe}
        added = _add(api, [item for item in items if not item.line_at_stripe], data, id_)
        known = [item for item in items if item.line_at_stripe]
        _each(known, lambda item: api.update_invoice_item(kept[item.child_id], item.params))
        left = [line for line in dict.fromkeys(line["id"] for line in there.values()) if line not in kept.values()]
        _each(left, api.delete_invoice_item)
        return Upserted(draft.get("number") or "", draft["id"], kept | added)

    def _data(self, customer_id: str) -> CustomerData:
        return known_data(self._store, self._app, customer_id, _NAMESPACE)

    def _customer(self, api: "StripeAPI", customer_id: str, data: CustomerData) -> "Object":
        try:
            return api.customer(data["stripeCustomerId"])
        except ProviderError as error:
            if error.code != "resource_missing":
                raise
            condition = customer_data.lost_at_stripe(self._app, data["stripeCustomerId"])
            raise customer_data.unmet(condition, self._app, customer_id, _NAMESPACE) from error

    @contextmanager
    def _working(self) -> "Iterator[StripeAPI]":
        """What Stripe or a condition refuses becomes an issue of the invoice."""
        try:
            with connected(self._store, self._app) as api:
                yield api
        except ProviderError as error:
            raise AppFailure([Issue(issue_text(error))]) from error
        except Refusal as refusal:
            raise AppFailure([Issue(refusal.detail)]) from refusal


def _payment_method(api: "StripeAPI", data: CustomerData, at_stripe: "Object") -> Any:
    """The default payment method of the customer, or else of the Stripe customer."""
    own = data.get("stripeDefaultPaymentMethodId")
    return api.payment_method(own) if own else at_stripe["invoice_settings"]["default_payment_method"]


def _add(api: "StripeAPI", items: Sequence[Item], data: CustomerData, invoice_id: str) -> dict[str, str]:
    """Makes items, and returns the ids of their lines at Stripe by the ids of the detailed lines here."""
    if not items:
        return {}
    customer_id = data["stripeCustomerId"]
    made = _each(items, lambda item: api.create_invoice_item(invoice_items.for_new(item, customer_id, invoice_id)))
    lines = {line["invoice_item"]: line["id"] for line in api.invoice_lines(invoice_id)}
    missing = next((item["id"] for item in made if item["id"] not in lines), None)
    if missing is not None:
        raise AppFailure([Issue(f"line not found: {missing}")])
    return {item.child_id: lines[there["id"]] for item, there in zip(items, made, strict=True)}


def _each(items: Iterable[T], send: Callable[[T], R]) -> list[R]:
    """Sends all of them, also where some fail; each failure becomes an issue, with all that Stripe said."""
    sent: list[R] = []
    failures: list[Issue] = []
    for item in items:
        try:
            sent.append(send(item))
        except ProviderError as error:
            failures.append(Issue(as_json(error)))
    if failures:
        raise AppFailure(failures)
    return sent


def _by_any_id(lines: Iterable["Object"]) -> dict[str, "Object"]:
    """The lines of an invoice by their own ids and by those of their items."""
    return {line[name]: line for name in ("invoice_item", "id") for line in lines}
