"""The resources through the official SDK."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

EVENTS: Any = ["invoice.paid", "setup_intent.succeeded"]
URL = "https://example.com/hook"


def customer(client: stripe.StripeClient, **more: Any) -> stripe.Customer:
    given: Any = {"name": "Acme", "email": "acme@example.com", **more}
    return client.v1.customers.create(given)


def invoice(client: stripe.StripeClient, *amounts: int, **more: Any) -> stripe.Invoice:
    """A draft with an item of each amount."""
    payer = customer(client).id
    given: Any = {"customer": payer, "currency": "USD", "auto_advance": False, **more}
    made = client.v1.invoices.create(given)
    for number, amount in enumerate(amounts):
        item: Any = {"customer": payer, "invoice": made.id, "amount": amount, "description": f"Item {number}"}
        client.v1.invoice_items.create(item | {"period": {"start": 1, "end": 2}})
    return client.v1.invoices.retrieve(made.id)


def test_each_key_opens_its_own_account(connect: Callable[..., stripe.StripeClient]) -> None:
    mine, same, other = (connect(f"sk_test_devkit_{name}") for name in ("a.1", "a.2", "b"))
    made = customer(mine)
    assert same.v1.customers.retrieve(made.id).email == "acme@example.com"
    assert mine.v1.accounts.retrieve_current().id == same.v1.accounts.retrieve_current().id
    assert mine.v1.accounts.retrieve_current().id != other.v1.accounts.retrieve_current().id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        other.v1.customers.retrieve(made.id)
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)


def test_a_strange_key_opens_nothing(connect: Callable[..., stripe.StripeClient]) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided: sk_live"):
        connect("sk_live_whatever").v1.accounts.retrieve_current()


def test_an_endpoint_keeps_its_secret_while_its_address_changes(client: stripe.StripeClient) -> None:
    made = client.v1.webhook_endpoints.create({"url": URL, "enabled_events": EVENTS, "metadata": {"a": "1"}})
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    changed = client.v1.webhook_endpoints.update(made.id, {"url": f"{URL}/2", "disabled": True, "metadata": {"b": "2"}})
    assert (changed.url, changed.status, changed.to_dict()["metadata"]) == (
        f"{URL}/2",
        "disabled",
        {"a": "1", "b": "2"},
    )
    assert "secret" not in changed
    assert client.v1.webhook_endpoints.update(made.id, {"disabled": False}).status == "enabled"
    client.v1.webhook_endpoints.delete(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="No such webhook_endpoint"):
        client.v1.webhook_endpoints.retrieve(made.id)


def test_there_are_at_most_sixteen_endpoints(client: stripe.StripeClient) -> None:
    for number in range(16):
        client.v1.webhook_endpoints.create({"url": f"{URL}/{number}", "enabled_events": ["*"]})
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16"):
        client.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]})
    first = client.v1.webhook_endpoints.list({"limit": 10})
    assert (len(first.data), first.has_more) == (10, True)
    urls = [one.url for one in first.auto_paging_iter()]
    assert urls == [f"{URL}/{number}" for number in range(15, -1, -1)]


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"url": "example.com", "enabled_events": ["*"]}, "url"),
        ({"url": URL}, "enabled_events"),
        ({"url": URL, "enabled_events": ["*"], "colour": "red"}, "colour"),
        ({"url": URL, "enabled_events": "*"}, "enabled_events"),
    ],
)
def test_an_endpoint_without_sense_is_refused(client: stripe.StripeClient, given: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.webhook_endpoints.create(given)
    assert (refused.value.http_status, refused.value.param) == (400, param)


def test_a_customer_is_changed_and_expanded(client: stripe.StripeClient) -> None:
    made = customer(client, metadata={"tier": "gold", "old": "1"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": made.id})
    given: Any = {"invoice_settings": {"default_payment_method": card.id}, "metadata": {"old": ""}, "name": "007"}
    client.v1.customers.update(made.id, given | {"address": {"country": "HU"}})
    wanted: Any = {"expand": ["invoice_settings.default_payment_method", "tax"]}
    found = client.v1.customers.retrieve(made.id, wanted)
    assert (found.name, found.to_dict()["metadata"]) == ("007", {"tier": "gold"})
    default: Any = found.invoice_settings.default_payment_method if found.invoice_settings else None
    assert (default.card.last4, default.customer) == ("4242", made.id)
    assert found.tax is not None
    assert found.tax.automatic_tax == "supported"
    assert [one.id for one in client.v1.customers.list({"email": "acme@example.com"}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.customers.retrieve(made.id, {"expand": ["shoes"]})


def test_a_deleted_customer_is_missing(client: stripe.StripeClient) -> None:
    made = customer(client)
    assert client.v1.customers.delete(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(made.id, {"name": "Nobody"})


def test_a_checkout_sets_up_a_card(client: stripe.StripeClient, control: Callable[..., Any]) -> None:
    payer = customer(client).id
    given: Any = {"mode": "setup", "customer": payer, "success_url": URL, "setup_intent_data": {"metadata": {"x": "1"}}}
    session = client.v1.checkout.sessions.create(given)
    assert session.url == f"https://checkout.stripe.com/c/pay/{session.id}"
    intent = control(f"checkout/{session.id}/complete")
    assert (intent["status"], intent["metadata"]) == ("succeeded", {"x": "1"})
    assert client.v1.payment_methods.retrieve(intent["payment_method"]).customer == payer
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
    kinds = [one.type for one in client.v1.events.list().data]
    assert kinds[:2] == ["checkout.session.completed", "setup_intent.succeeded"]


def test_an_embedded_checkout_has_a_secret_in_place_of_an_address(client: stripe.StripeClient) -> None:
    given: Any = {"mode": "setup", "customer": customer(client).id, "ui_mode": "embedded", "return_url": URL}
    session = client.v1.checkout.sessions.create(given)
    assert session.url is None
    assert session.client_secret is not None
    assert session.client_secret.startswith(f"{session.id}_secret_")


def test_a_portal_session_names_its_customer(client: stripe.StripeClient) -> None:
    payer = customer(client).id
    made = client.v1.billing_portal.sessions.create({"customer": payer, "return_url": URL})
    assert (made.customer, made.return_url, made.configuration) == (payer, URL, "bpc_default")


def test_a_test_card_is_another_one_for_each_customer(client: stripe.StripeClient) -> None:
    payers = [customer(client).id for _ in range(2)]
    cards = [client.v1.payment_methods.attach("pm_card_visa", {"customer": payer}) for payer in payers]
    assert [card.customer for card in cards] == payers
    assert len({"pm_card_visa", *(card.id for card in cards)}) == 3
    assert client.v1.payment_methods.retrieve(cards[0].id).customer == payers[0]


def test_a_confirmed_setup_intent_has_a_card(client: stripe.StripeClient) -> None:
    payer = customer(client).id
    given: Any = {"customer": payer, "payment_method": "pm_card_visa", "confirm": True, "metadata": {"x": "1"}}
    intent = client.v1.setup_intents.create(given)
    assert (intent.status, intent.customer) == ("succeeded", payer)
    assert client.v1.payment_methods.retrieve(str(intent.payment_method)).customer == payer
    (event,) = client.v1.events.list({"type": "setup_intent.succeeded"}).data
    assert event.data.object["id"] == intent.id
    assert client.v1.setup_intents.create({"customer": payer}).status == "requires_payment_method"


def test_an_invoice_adds_up_and_goes_its_way(client: stripe.StripeClient) -> None:
    draft = invoice(client, 1000, -250)
    assert (draft.status, draft.total, draft.number) == ("draft", 750, None)
    lines = client.v1.invoices.line_items.list(str(draft.id)).data
    assert [(line.amount, line.description) for line in lines] == [(1000, "Item 0"), (-250, "Item 1")]
    item: Any = lines[1].to_dict()["invoice_item"]
    client.v1.invoice_items.update(item, {"amount": -500})
    client.v1.invoice_items.delete(str(lines[0].to_dict()["invoice_item"]))
    assert client.v1.invoices.retrieve(str(draft.id)).total == -500
    opened = client.v1.invoices.finalize_invoice(str(draft.id))
    assert (opened.status, opened.number) == ("open", "DEV-0001")
    paid = client.v1.invoices.pay(str(draft.id))
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", -500, 0)
    with pytest.raises(stripe.InvalidRequestError, match="isn't open"):
        client.v1.invoices.void_invoice(str(draft.id))
    with pytest.raises(stripe.InvalidRequestError, match="no longer editable"):
        client.v1.invoice_items.delete(item)


def test_an_amount_is_what_a_unit_costs_times_the_quantity(client: stripe.StripeClient) -> None:
    draft = invoice(client)
    given: Any = {"customer": draft.customer, "invoice": draft.id, "unit_amount_decimal": "0.5", "quantity": 3}
    assert client.v1.invoice_items.create(given).amount == 2


def test_only_drafts_are_deleted(client: stripe.StripeClient) -> None:
    draft, opened = invoice(client, 1), invoice(client, 2)
    client.v1.invoices.finalize_invoice(str(opened.id))
    assert client.v1.invoices.delete(str(draft.id)).deleted
    with pytest.raises(stripe.InvalidRequestError, match="only delete draft") as refused:
        client.v1.invoices.delete(str(opened.id))
    assert refused.value.code == "invoice_not_editable"


def test_taxes_need_to_know_where_a_customer_is(client: stripe.StripeClient) -> None:
    draft = invoice(client, 100, automatic_tax={"enabled": True})
    with pytest.raises(stripe.InvalidRequestError, match="location") as refused:
        client.v1.invoices.finalize_invoice(str(draft.id))
    assert refused.value.code == "customer_tax_location_invalid"
    client.v1.customers.update(str(draft.customer), {"address": {"country": "US"}})
    assert client.v1.invoices.finalize_invoice(str(draft.id)).status == "open"


def test_a_declined_card_leaves_an_invoice_open(client: stripe.StripeClient) -> None:
    draft = invoice(client, 100)
    payer = str(draft.customer)
    card = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": payer})
    client.v1.customers.update(payer, {"invoice_settings": {"default_payment_method": card.id}})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.invoices.pay(str(draft.id))
    assert declined.value.code == "card_declined"
    assert client.v1.invoices.retrieve(str(draft.id)).status == "open"
    assert client.v1.events.list({"type": "invoice.payment_failed"}).data != []
    assert client.v1.invoices.pay(str(draft.id), {"paid_out_of_band": True}).status == "paid"
