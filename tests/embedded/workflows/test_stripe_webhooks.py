"""Webhooks come late, twice and in any order: what Stripe says in the end counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.embedded.app import build_app
from devkit.embedded.domain.stripe_app.invoice_events import EVENTS
from devkit.embedded.store.store import Store
from tests.embedded.stripe_account import Shop, status, stripe_account

#: What a user of Stripe does to an open invoice, where that leads here, and the event that tells of it.
ENDS = {
    "pay": ("paid", "invoice.paid"),
    "void": ("voided", "invoice.voided"),
    "mark_uncollectible": ("uncollectible", "invoice.marked_uncollectible"),
}
#: Statuses in which a payment still can come.
OPEN = ("payment_processing.pending", "payment_processing.failed", "payment_processing.action_required", "overdue")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stripe_address: str) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("webhooks")
    store = Store(folder / "data")
    with stripe_account(stripe_address) as account:
        made = Shop(build_app(store), account, invoicing={"autoAdvance": True, "draftPeriod": "P0D"})
        made.link_with_card()
        yield made
    store.close()


def issued(shop: Shop) -> Any:
    invoice = shop.invoice()
    assert status(invoice) == "payment_processing.pending"
    return invoice


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(ENDS)), st.lists(st.sampled_from(sorted(EVENTS)), max_size=8), st.data())
def test_after_the_end_any_events_in_any_order_lead_to_it(
    shop: Shop, end: str, events: list[str], data: st.DataObject
) -> None:
    invoice = issued(shop)
    id_ = invoice["externalIds"]["invoicing"]
    shop.account.post(f"invoices/{id_}/{end}")
    target, telling = ENDS[end]
    place = data.draw(st.integers(0, len(events)))
    for kind in [*events[:place], telling, *events[place:], telling]:
        assert shop.deliver(kind, {"id": id_}).status == 201
    after = shop.read(invoice)
    assert (status(after), after["totals"]) == (target, invoice["totals"])
    assert after.get("validationIssues", []) == []


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=6))
def test_while_stripe_waits_no_event_ends_an_invoice(shop: Shop, events: list[str]) -> None:
    invoice = issued(shop)
    about = {"id": invoice["externalIds"]["invoicing"], "status": "paid"}
    for kind in events:
        assert shop.deliver(kind, about).status == 201
    assert status(shop.read(invoice)) in OPEN
    shop.account.post(f"invoices/{about['id']}/pay")
    shop.deliver("invoice.paid", about)
    assert status(shop.read(invoice)) == "paid"


@pytest.fixture(scope="module")
def paid_at_stripe(shop: Shop) -> Any:
    """An invoice that is paid at Stripe, of which nothing came here yet."""
    invoice = issued(shop)
    shop.account.post(f"invoices/{invoice['externalIds']['invoicing']}/pay")
    return invoice


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=2000), st.text(min_size=1, max_size=20))
def test_what_stripe_did_not_sign_changes_nothing(shop: Shop, paid_at_stripe: Any, body: bytes, secret: str) -> None:
    about = {"id": paid_at_stripe["externalIds"]["invoicing"]}
    assert shop.deliver("invoice.paid", {}, raw=body, secret=secret).status == 400
    assert shop.deliver("invoice.paid", about, secret=secret).status == 400
    assert status(shop.read(paid_at_stripe)) == "payment_processing.pending"


def test_a_failed_payment_can_be_tried_again_and_then_succeeds(shop: Shop) -> None:
    invoice = issued(shop)
    about = {"id": invoice["externalIds"]["invoicing"]}
    for _ in range(2):
        shop.deliver("invoice.payment_failed", about)
    assert status(shop.read(invoice)) == "payment_processing.failed"
    assert status(shop.act(invoice, "retry").json) == "payment_processing.pending"
    shop.account.post(f"invoices/{about['id']}/pay")
    shop.deliver("invoice.paid", about)
    assert status(shop.read(invoice)) == "paid"


def test_a_mailed_invoice_knows_when(shop: Shop) -> None:
    invoice = issued(shop)
    shop.deliver("invoice.sent", {"id": invoice["externalIds"]["invoicing"]})
    assert shop.read(invoice)["sentToCustomerAt"] == "2025-02-01T12:00:00Z"


def test_a_stripe_that_does_not_answer_is_told_to_stripe_so_that_it_delivers_again(shop: Shop) -> None:
    invoice = issued(shop)
    id_ = invoice["externalIds"]["invoicing"]
    shop.account.post(f"invoices/{id_}/pay")
    shop.account.fail("GET", f"invoices/{id_}", 403)
    assert shop.deliver("invoice.paid", {"id": id_}).status == 412
    assert shop.deliver("invoice.paid", {"id": id_}).status == 201
    assert status(shop.read(invoice)) == "paid"
