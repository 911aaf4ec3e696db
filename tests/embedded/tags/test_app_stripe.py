"""App: Stripe, against the stand-in of Stripe."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.domain.stripe_app.webhooks import signature
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask
from tests.embedded.stripe_account import Shop, StripeAccount, install, stripe_account
from tests.servers import environment

EVENT = {
    "id": "evt_1",
    "type": "invoice.payment_succeeded",
    "api_version": "2024-09-30.acacia",
    "livemode": False,
    "created": 1738411200,
}
OK = {"successURL": "https://example.com/ok"}


@pytest.fixture
def account(stripe_address: str) -> Iterator[StripeAccount]:
    with stripe_account(stripe_address) as opened:
        yield opened


@pytest.fixture
def shop(app: Application, account: StripeAccount) -> Shop:
    return Shop(app, account)


def detail(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["detail"]


def test_an_install_makes_an_endpoint_at_stripe_that_leads_back_here(app: Application, account: StripeAccount) -> None:
    installed = install(app, account, name="Payments").json["app"]
    (endpoint,) = account.get("webhook_endpoints")["data"]
    assert endpoint["url"] == f"http://127.0.0.1:9/api/v1/apps/{installed['id']}/stripe/webhook"
    assert endpoint["metadata"]["om_app_id"] == installed["id"]
    assert (installed["name"], installed["status"], installed["livemode"]) == ("Payments", "ready", False)
    assert account.key not in str(installed)
    calls = [call for call in account.control("state")["requests"] if call["user_agent"].startswith("Stripe/")]
    assert [(call["path"], call["version"]) for call in calls] == [
        ("/v1/account", "2024-09-30.acacia"),
        ("/v1/webhook_endpoints", "2024-09-30.acacia"),
    ]


def test_where_stripe_reaches_the_server_and_whether_it_should_are_settings(
    store: Store, account: StripeAccount
) -> None:
    tunnel = build_app(store, ServerSettings(apps_base_url="https://tunnel.example/"))
    id_ = install(tunnel, account).json["app"]["id"]
    (endpoint,) = account.get("webhook_endpoints")["data"]
    assert endpoint["url"] == f"https://tunnel.example/api/v1/apps/{id_}/stripe/webhook"
    assert ask(tunnel, "DELETE", f"/api/v1/apps/{id_}").status == 204
    assert account.get("webhook_endpoints")["data"] == []

    closed = build_app(store, ServerSettings(stripe_webhook_registration=False))
    id_ = install(closed, account).json["app"]["id"]
    assert account.get("webhook_endpoints")["data"] == []
    at, body = int(time.time()), json.dumps({**EVENT, "data": {"object": {}}}).encode()
    signed = f"t={at},v1={signature(body, 'fake-secret', at).hex()}"
    taken = ask(closed, "POST", f"/api/v1/apps/{id_}/stripe/webhook", body, headers={"stripe-signature": signed})
    assert taken.status == 201
    assert ask(closed, "DELETE", f"/api/v1/apps/{id_}").status == 204


def test_an_account_is_installed_once_and_an_uninstall_takes_all_of_it_away(
    app: Application, account: StripeAccount, store: Store
) -> None:
    id_ = install(app, account).json["app"]["id"]
    assert install(app, account).status == 409
    assert ask(app, "DELETE", f"/api/v1/apps/{id_}").status == 204
    assert account.key not in str(store.records.rows("SELECT body FROM records", ()))
    assert ask(app, "GET", f"/api/v1/apps/{id_}").status == 404
    assert install(app, account).status == 200


def test_a_live_key_never_leaves(app: Application, account: StripeAccount) -> None:
    before = len(account.control("state")["requests"])
    refused = install(app, account, apiKey="sk_live_123456789")
    assert (refused.status, "devkit takes no live keys" in refused.json["detail"]) == (401, True)
    assert len(account.control("state")["requests"]) == before


@pytest.mark.parametrize("key", ["sk_test_\x00", "sk_test_🙂", "sk_test_a b", " \t"])
def test_keys_that_no_header_can_carry_are_refused_like_unknown_ones(
    app: Application, account: StripeAccount, key: str
) -> None:
    assert install(app, account, apiKey=key).status == 401


def test_without_a_stripe_that_answers_an_install_says_so(
    app: Application, account: StripeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVKIT_STRIPE_API_BASE", "http://127.0.0.1:9")
    refused = install(app, account)
    assert refused.status == 412
    assert refused.json["detail"].startswith("precondition failed error: provider error for app in default namespace:")


def test_an_unknown_key_makes_an_app_unauthorized_until_it_gets_a_good_one(shop: Shop) -> None:
    path = f"/api/v1/apps/{shop.id}/stripe/api-key"
    assert ask(shop.app, "PUT", path, {"secretAPIKey": "sk_test_nobody"}).status == 401
    assert ask(shop.app, "GET", f"/api/v1/apps/{shop.id}").json["status"] == "unauthorized"
    assert ask(shop.app, "PUT", path, {"secretAPIKey": shop.account.key}).status == 204
    assert ask(shop.app, "GET", f"/api/v1/apps/{shop.id}").json["status"] == "ready"


def test_a_refused_key_leaves_the_rest_of_an_update_undone(shop: Shop) -> None:
    body = {"type": "stripe", "name": "Renamed", "secretAPIKey": "sk_test_nobody"}
    assert ask(shop.app, "PUT", f"/api/v1/apps/{shop.id}", body).status == 401
    assert ask(shop.app, "GET", f"/api/v1/apps/{shop.id}").json["name"] == "Stripe"
    body["secretAPIKey"] = shop.account.key
    assert ask(shop.app, "PUT", f"/api/v1/apps/{shop.id}", body).json["name"] == "Renamed"


def test_a_checkout_session_makes_a_stripe_customer_once(shop: Shop) -> None:
    for _ in range(2):
        body = {"customer": {"key": "acme"}, "options": OK}
        assert ask(shop.app, "POST", "/api/v1/stripe/checkout/sessions", body).status == 201
    assert shop.account.sent()[1:] == [("POST", "customers"), *[("POST", "checkout/sessions")] * 2]


@pytest.mark.parametrize("status", [400, 403])
def test_a_checkout_that_stripe_refuses_leaves_no_customer_behind(shop: Shop, status: int) -> None:
    shop.account.fail("POST", "checkout/sessions", status)
    body = {"customer": {"name": "New", "key": "new"}, "options": OK}
    assert ask(shop.app, "POST", "/api/v1/stripe/checkout/sessions", body).status == {400: 400, 403: 412}[status]
    assert ask(shop.app, "GET", "/api/v1/customers/new").status == 404
    made = ask(shop.app, "POST", "/api/v1/stripe/checkout/sessions", body)
    assert made.status == 201
    known = ask(shop.app, "GET", "/api/v1/customers/new/stripe").json
    assert known["stripeCustomerId"] == made.json["stripeCustomerId"]


def test_a_stripe_customer_is_one_customer(shop: Shop) -> None:
    shop.link_with_card()
    ask(shop.app, "POST", "/api/v1/customers", {"name": "Other", "key": "other"})
    taken = ask(shop.app, "PUT", "/api/v1/customers/other/stripe", {"stripeCustomerId": shop.stripe_customer})
    assert taken.status == 412
    assert "unique stripe customer id" in taken.json["detail"]
    assert shop.link().status == 200
    assert "stripeDefaultPaymentMethodId" not in ask(shop.app, "GET", "/api/v1/customers/acme/stripe").json


def test_a_card_has_to_be_the_customers_own(shop: Shop) -> None:
    card = shop.account.card(shop.account.customer())
    refused = shop.link(stripeDefaultPaymentMethodId=card)
    assert (refused.status, f"{card} does not belong to" in refused.json["detail"]) == (412, True)


def test_a_completed_setup_becomes_the_way_to_pay(shop: Shop) -> None:
    shop.link()
    metadata = {"om_app_id": shop.id, "om_namespace": "default"}
    intent = {"id": "seti_1", "customer": shop.stripe_customer, "payment_method": "pm_new", "metadata": metadata}
    taken = shop.deliver("setup_intent.succeeded", intent)
    assert (taken.status, taken.json["customerId"]) == (201, shop.customer)
    known = ask(shop.app, "GET", "/api/v1/customers/acme/stripe").json
    assert known["stripeDefaultPaymentMethodId"] == "pm_new"


def test_a_webhook_that_stripe_did_not_sign_is_refused(shop: Shop) -> None:
    assert shop.deliver("invoice.payment_succeeded", {}).status == 201
    refused = shop.deliver("invoice.payment_succeeded", {}, secret="whsec_another")
    assert detail(refused) == (
        400,
        "validation error: failed to construct webhook event: webhook had no valid signature",
    )


def test_a_webhook_longer_than_half_a_mebibyte_is_refused(shop: Shop) -> None:
    assert shop.deliver("invoice.payment_succeeded", {"text": "x" * 500_000}).status == 201
    assert shop.deliver("invoice.payment_succeeded", {"text": "x" * 524_288}).status == 413


def test_events_about_invoices_that_stripe_made_for_others_are_acknowledged(shop: Shop) -> None:
    assert shop.deliver("invoice.paid", {"id": "in_of_somebody"}).status == 201


def test_a_server_without_a_stripe_app_does_not_load_the_client_of_stripe() -> None:
    """It would cost 30 MB of memory and 0.2 s of every start."""
    code = "import sys, devkit.embedded.app; print('stripe' in sys.modules, 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
