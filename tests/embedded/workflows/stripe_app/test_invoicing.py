"""Invoices that go to Stripe, against its stand-in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.stripe_account import Shop, StripeAccount, status, stripe_account

MANUAL = {"invoicing": {"autoAdvance": False}}


@pytest.fixture
def account(stripe_address: str) -> Iterator[StripeAccount]:
    with stripe_account(stripe_address) as opened:
        yield opened


@pytest.fixture
def shop(app: Application, account: StripeAccount) -> Shop:
    """With a customer who can be charged; invoices wait for their approval."""
    made = Shop(app, account, **MANUAL)
    made.link_with_card()
    account.sent()
    return made


def at_stripe(shop: Shop, invoice: Any) -> Any:
    return shop.account.get(f"invoices/{invoice['externalIds']['invoicing']}")


def issues(invoice: Any) -> list[str]:
    return [issue["message"] for issue in invoice.get("validationIssues", [])]


def test_a_draft_stands_at_stripe_to_the_cent_and_its_number_is_stripes_in_the_end(shop: Shop) -> None:
    draft = shop.invoice("10.05")
    assert status(draft) == "draft.manual_approval_needed"
    assert (at_stripe(shop, draft)["status"], at_stripe(shop, draft)["total"]) == ("draft", 1005)
    (line,) = draft["lines"]
    assert line["children"][0]["externalIds"]["invoicing"].startswith("il_")

    issued = shop.act(draft, "approve").json
    assert status(issued) == "payment_processing.pending"
    assert (at_stripe(shop, issued)["status"], at_stripe(shop, issued)["number"]) == ("open", issued["number"])
    assert issued["externalIds"]["payment"].startswith("pi_")


def test_only_stripe_makes_it_paid(shop: Shop) -> None:
    issued = shop.act(shop.invoice(), "approve").json
    about = {"id": issued["externalIds"]["invoicing"]}
    assert shop.deliver("invoice.paid", about).status == 201
    assert status(shop.read(issued)) == "payment_processing.pending"
    shop.account.post(f"invoices/{about['id']}/pay")
    assert shop.deliver("invoice.paid", about).status == 201
    assert status(shop.read(issued)) == "paid"


def test_a_deleted_draft_is_gone_at_stripe_too(shop: Shop) -> None:
    draft = shop.invoice()
    assert ask(shop.app, "DELETE", f"/api/v1/billing/invoices/{draft['id']}").status == 204
    assert shop.account.sent()[-1] == ("DELETE", f"invoices/{draft['externalIds']['invoicing']}")


def test_what_stripe_refuses_can_be_tried_again_and_nothing_stands_there_twice(shop: Shop) -> None:
    shop.account.fail("POST", "invoices", 400)
    failed = shop.invoice()
    assert status(failed) == "draft.sync_failed"
    assert issues(failed)[0].startswith("stripe error: made to fail")

    shop.account.fail("POST", "invoiceitems", 400)
    assert status(shop.act(failed, "retry").json) == "draft.sync_failed"
    draft = shop.act(failed, "retry").json
    assert status(draft) == "draft.manual_approval_needed"
    issued = shop.act(draft, "approve").json
    assert len(shop.account.get("invoices")["data"]) == 1
    assert at_stripe(shop, issued)["total"] == 1000


def test_a_lost_connection_is_no_more_than_an_issue(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as unreachable:
        unreachable.setenv("DEVKIT_STRIPE_API_BASE", "http://127.0.0.1:9")
        failed = shop.invoice()
    assert status(failed) == "draft.invalid"
    assert len(issues(failed)) == 1
    assert status(shop.act(failed, "retry").json) == "draft.manual_approval_needed"


def test_a_key_that_was_revoked_makes_the_app_unauthorized(shop: Shop) -> None:
    shop.account.fail("GET", f"customers/{shop.stripe_customer}", 401)
    assert status(shop.invoice()) == "draft.invalid"
    assert ask(shop.app, "GET", f"/api/v1/apps/{shop.id}").json["status"] == "unauthorized"


def test_without_a_card_an_invoice_waits_for_one(app: Application, account: StripeAccount) -> None:
    shop = Shop(app, account, **MANUAL)
    waiting = shop.invoice()
    assert status(waiting) == "draft.invalid"
    assert "customer has no data for stripe app" in issues(waiting)[0]
    shop.link()
    assert "must have a default payment method" in issues(shop.act(waiting, "retry").json)[0]
    shop.link_with_card()
    assert status(shop.act(waiting, "retry").json) == "draft.manual_approval_needed"


def test_a_line_that_someone_took_away_at_stripe_is_an_issue(shop: Shop) -> None:
    draft = shop.invoice()
    shop.account.delete(f"invoiceitems/{draft['lines'][0]['children'][0]['externalIds']['invoicing']}")
    failed = shop.act(draft, "approve").json
    assert status(failed) == "issuing.failed"
    assert issues(failed)[0].startswith("line not found in stripe lines: il_")


def test_a_line_that_someone_added_at_stripe_is_taken_away(shop: Shop) -> None:
    draft = shop.invoice()
    there = draft["externalIds"]["invoicing"]
    shop.account.post("invoiceitems", f"customer={shop.stripe_customer}&invoice={there}&amount=77&currency=usd")
    issued = shop.act(draft, "approve").json
    assert at_stripe(shop, issued)["total"] == 1000


def test_the_drafts_of_an_uninstalled_app_can_no_longer_be_read_and_trouble_nobody(shop: Shop, store: Store) -> None:
    draft = shop.invoice()
    for profile in ask(shop.app, "GET", "/api/v1/billing/profiles").json["items"]:
        if profile["apps"]["invoicing"]["id"] != shop.id:
            ask(shop.app, "PUT", f"/api/v1/billing/profiles/{profile['id']}", {**profile, "default": True})
        else:
            used = profile["id"]
    assert ask(shop.app, "DELETE", f"/api/v1/billing/profiles/{used}").status == 204
    assert ask(shop.app, "DELETE", f"/api/v1/apps/{shop.id}").status == 204
    gone = f"not found error: app with id {shop.id} not found in default namespace"
    assert shop.read(draft)["detail"] == gone
    assert shop.act(draft, "approve").json["detail"] == gone
    store.clock.advance(store.now() + timedelta(days=1))
    assert shop.app.background.run_due() == []


def test_an_app_with_an_invoice_that_waits_for_its_payment_stays(shop: Shop, store: Store) -> None:
    issued = shop.act(shop.invoice(), "approve").json
    profile = ask(shop.app, "GET", "/api/v1/billing/profiles").json["items"]
    assert any(item["default"] for item in profile)
    refused = ask(shop.app, "DELETE", f"/api/v1/apps/{shop.id}")
    assert refused.status == 409
    assert store.records.get("invoice", issued["id"]) is not None
