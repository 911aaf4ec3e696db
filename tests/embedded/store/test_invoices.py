"""Invoices in store: how they are found again."""

from typing import Any

from devkit.embedded.domain.billing.invoices import new_gathering
from devkit.embedded.store import invoices
from devkit.embedded.store.store import Store

NOW = "2025-01-15T10:00:00Z"
APPS = {"tax": {"id": "app"}, "invoicing": {"id": "app"}, "payment": {"id": "app"}}


def gathering(store: Store, currency: str = "USD", **changes: Any) -> dict[str, Any]:
    made = new_gathering("customer", currency, "GATHER-1", apps=APPS, id_=store.new_id(), now=NOW) | changes
    invoices.put_invoice(store, made)
    return made


def line(id_: str, **changes: Any) -> dict[str, Any]:
    return {"id": id_, **changes}


def test_a_customer_has_one_gathering_invoice_per_currency(store: Store) -> None:
    dollars, euros = gathering(store), gathering(store, "EUR")

    assert invoices.gathering_invoice(store, "customer", "USD") == dollars
    assert invoices.gathering_invoices(store, "customer") == [dollars, euros]
    assert invoices.gathering_invoice(store, "other", "USD") is None


def test_a_deleted_gathering_invoice_is_found_to_be_used_again(store: Store) -> None:
    deleted = gathering(store, deletedAt=NOW)

    assert invoices.gathering_invoice(store, "customer", "USD") == deleted
    assert invoices.gathering_invoices(store, "customer") == []
    assert invoices.find_invoice(store, deleted["id"]) == deleted


def test_an_invoice_is_found_by_its_lines_and_their_subscriptions(store: Store) -> None:
    source = {"subscriptionId": "subscription", "phaseId": "phase", "itemId": "item"}
    found = gathering(store, lines=[line("one"), line("two", subscription=source)])

    assert invoices.invoice_of_line(store, "two") == found
    assert invoices.invoices_of_subscription(store, "subscription") == [found]
    moved = found | {"lines": [line("one")]}
    invoices.put_invoice(store, moved)
    assert invoices.invoice_of_line(store, "two") is None
    assert invoices.invoices_of_subscription(store, "subscription") == []


def test_an_invoice_is_found_by_the_status_that_it_has_now(store: Store) -> None:
    made = gathering(store)
    standard = made | {"status": "draft.created"}
    invoices.put_invoice(store, standard)

    assert invoices.invoices_in_status(store, "gathering") == []
    assert invoices.invoices_in_status(store, "draft.created") == [standard]


def test_each_sequence_counts_for_itself(store: Store) -> None:
    drafts = [invoices.next_number(store, "drafts") for _ in range(3)]

    assert drafts == [1, 2, 3]
    assert invoices.next_number(store, "others") == 1
