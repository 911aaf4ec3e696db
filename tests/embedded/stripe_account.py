"""An account at the stand-in of Stripe for one test, and an embedded server that works with it."""

import itertools
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from devkit.embedded.domain.stripe_app.webhooks import signature
from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

#: The key with which the stand-in starts; one that goes on after it opens an account of its own.
_KEY = "sk_test_devkit_123"
_SUPPLIER = {"name": "Acme Supplies", "addresses": [{"country": "US"}]}
_NUMBERS = itertools.count(1)


class StripeAccount:
    """What happens at Stripe itself."""

    def __init__(self, http: httpx.Client) -> None:
        self.key = f"{_KEY}_{uuid.uuid4().hex}.001"
        self._http = http
        self._headers = {"authorization": f"Bearer {self.key}", "x-standin-fixture": "1"}

    def post(self, path: str, form: str = "") -> Any:
        """A request as a user of Stripe makes it. form: as a query string."""
        headers = {**self._headers, "content-type": "application/x-www-form-urlencoded"}
        answer = self._http.post(f"/v1/{path}", content=form, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self._http.get(f"/v1/{path}", headers=self._headers).json()

    def delete(self, path: str) -> None:
        assert self._http.delete(f"/v1/{path}", headers=self._headers).status_code == 200

    def control(self, path: str, /, **body: Any) -> Any:
        return self._http.post(f"/_standin/{path}", json=body, headers=self._headers).json()

    def fail(self, method: str, path: str, status: int, *, times: int = 1) -> None:
        """The next requests like this end so."""
        self.control("faults", method=method, path=f"/v1/{path}", status=status, times=times, message="made to fail")

    def sent(self) -> list[tuple[str, str]]:
        """Method and path of what the server wrote since the last look."""
        return [(request["method"], request["path"].removeprefix("/v1/")) for request in self.control("sent")]

    def customer(self) -> str:
        return str(self.post("customers", "name=Payer&email=payer%40example.com&address[country]=US")["id"])

    def card(self, customer: str) -> str:
        id_ = str(self.post("payment_methods", "type=card")["id"])
        self.post(f"payment_methods/{id_}/attach", f"customer={customer}")
        return id_


@contextmanager
def stripe_account(address: str) -> Iterator[StripeAccount]:
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as http, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEVKIT_STRIPE_API_BASE", address)
        yield StripeAccount(http)


def install(app: Application, account: StripeAccount, **body: Any) -> Answer:
    path = "/api/v1/marketplace/listings/stripe/install/apikey"
    return ask(app, "POST", path, {"apiKey": account.key, **body}, headers={"host": "127.0.0.1:9"})


class Shop:
    """A server whose default profile has a Stripe app, and a customer with a card."""

    def __init__(self, app: Application, account: StripeAccount, **workflow: Any) -> None:
        self.app, self.account = app, account
        self.id = str(install(app, account).json["app"]["id"])
        self.secret = account.control("secret", app=self.id)["secret"]
        roles = dict.fromkeys(("tax", "invoicing", "payment"), self.id)
        profile = {"name": "Stripe", "default": True, "workflow": workflow, "apps": roles, "supplier": _SUPPLIER}
        assert ask(app, "POST", "/api/v1/billing/profiles", profile).status == 201
        made = ask(app, "POST", "/api/v1/customers", {"name": "Acme", "key": "acme", "currency": "USD"})
        self.customer = str(made.json["id"])
        self.stripe_customer = account.customer()

    def link(self, **data: Any) -> Answer:
        """Links the customer, with a card where nothing else is said."""
        body = {"stripeCustomerId": self.stripe_customer, **data}
        return ask(self.app, "PUT", f"/api/v1/customers/{self.customer}/stripe", body)

    def link_with_card(self) -> None:
        assert self.link(stripeDefaultPaymentMethodId=self.account.card(self.stripe_customer)).status == 200

    def invoice(self, amount: str = "10") -> Any:
        """An invoice over one flat fee, as far as it goes by itself."""
        line = {
            "name": f"Fee {next(_NUMBERS)}",
            "period": {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"},
            "invoiceAt": "2025-02-01T00:00:00Z",
            "rateCard": {"price": {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}},
        }
        path = f"/api/v1/billing/customers/{self.customer}/invoices/pending-lines"
        assert ask(self.app, "POST", path, {"currency": "USD", "lines": [line]}).status == 201
        made = ask(self.app, "POST", "/api/v1/billing/invoices/invoice", {"customerId": self.customer})
        assert made.status == 201, made.body
        return made.json[0]

    def read(self, invoice: Any) -> Any:
        return ask(self.app, "GET", f"/api/v1/billing/invoices/{invoice['id']}").json

    def act(self, invoice: Any, action: str) -> Answer:
        return ask(self.app, "POST", f"/api/v1/billing/invoices/{invoice['id']}/{action}")

    def deliver(self, kind: str, about: Any, *, secret: str | None = None, raw: bytes | None = None) -> Answer:
        """A webhook as Stripe signs it."""
        event = {"id": "evt_1", "type": kind, "livemode": False, "created": 1738411200, "data": {"object": about}}
        body = raw if raw is not None else json.dumps(event | {"api_version": "2024-09-30.acacia"}).encode()
        at = int(time.time())
        signed = f"t={at},v1={signature(body, secret or self.secret, at).hex()}"
        path = f"/api/v1/apps/{self.id}/stripe/webhook"
        return ask(self.app, "POST", path, body, headers={"stripe-signature": signed})


def status(invoice: Any) -> str:
    return str(invoice["statusDetails"]["extendedStatus"])
