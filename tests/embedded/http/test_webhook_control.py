"""The control route of the Stripe app's webhook endpoint."""

from collections.abc import Iterator
from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import secrets_of
from tests.embedded.asgi import ask
from tests.embedded.stripe_account import Shop, StripeAccount, stripe_account

ROUTE = "/_devkit/stripe-webhook"


@pytest.fixture
def account(stripe_address: str) -> Iterator[StripeAccount]:
    with stripe_account(stripe_address) as opened:
        yield opened


def test_from_then_on_the_app_takes_what_the_other_secret_signs(
    app: Application, store: Store, account: StripeAccount
) -> None:
    shop = Shop(app, account)
    key = secrets_of(store, shop.id)["apiKey"]
    wish = {"app": shop.id, "endpoint": "we_other", "secret": "whsec_other"}
    assert ask(app, "POST", ROUTE, wish).status == 204
    event = ("invoice.payment_succeeded", {"id": "in_1"})
    assert shop.deliver(*event, secret="whsec_other").status == 201
    assert shop.deliver(*event).status == 400
    assert secrets_of(store, shop.id)["webhookId"] == "we_other"
    assert secrets_of(store, shop.id)["apiKey"] == key


@pytest.mark.parametrize(
    "wish",
    [
        {},
        [],
        {"app": "A", "endpoint": "we_1"},
        {"app": "A", "endpoint": "", "secret": "whsec_1"},
        {"app": "A", "endpoint": "we_1", "secret": ""},
        {"app": "A", "endpoint": "we_1", "secret": 1},
        {"app": "A", "endpoint": "we_1", "secret": "whsec_1", "more": 1},
    ],
)
def test_anything_else_is_refused(app: Application, wish: Any) -> None:
    assert ask(app, "POST", ROUTE, wish).status == 400


def test_only_a_stripe_app_that_is_installed_has_an_endpoint(app: Application) -> None:
    sandbox = ask(app, "GET", "/api/v1/apps").json["items"][0]["id"]
    for id_ in (sandbox, "01J00000000000000000000000"):
        answer = ask(app, "POST", ROUTE, {"app": id_, "endpoint": "we_1", "secret": "whsec_1"})
        assert answer.status == 404
        assert "whsec_1" not in answer.body.decode()


def test_a_page_in_a_browser_cannot_send_it(app: Application) -> None:
    answer = ask(app, "POST", ROUTE, b"{}", headers={"content-type": "text/plain"})
    assert answer.status == 400
    assert "content type" in answer.json["detail"]
