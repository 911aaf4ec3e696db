"""The whole way: subscribe, use, be invoiced as time passes, pay at Stripe, hear of it. All over real sockets."""

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.embedded.stripe_account import StripeAccount, stripe_account
from tests.embedded.workflows.notifications.receiving import Receiver, receiving
from tests.servers import embedded_server

START = "2026-01-01T00:00:00Z"
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
METER = {"slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
PLAN = {
    "key": "pro",
    "name": "Pro",
    "currency": "USD",
    "billingCadence": "P1M",
    "phases": [
        {
            "key": "main",
            "name": "Main",
            "duration": None,
            "rateCards": [
                {
                    "type": "flat_fee",
                    "key": "platform",
                    "name": "Platform",
                    "billingCadence": "P1M",
                    "price": {"type": "flat", "amount": "49.90", "paymentTerm": "in_advance"},
                },
                {
                    "type": "usage_based",
                    "key": "tokens",
                    "featureKey": "tokens",
                    "name": "Tokens",
                    "billingCadence": "P1M",
                    "price": {"type": "unit", "amount": "0.02"},
                },
            ],
        }
    ],
}


@pytest.fixture
def account(stripe_address: str) -> Iterator[StripeAccount]:
    with stripe_account(stripe_address) as opened:
        yield opened


class Story:
    """Requests to the server; each has to work."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)

    def pass_time(self, by: str) -> None:
        answer = self._http.post("/_devkit/clock", json={"by": by})
        assert answer.json()["failedJobs"] == []

    def invoices(self) -> list[Any]:
        """All but those that are still gathered, by creation."""
        found = self.send("GET", "billing/invoices?expand=lines&orderBy=createdAt&order=ASC")["items"]
        return [invoice for invoice in found if invoice["status"] != "gathering"]


def eventually(is_true: Callable[[], bool]) -> None:
    """Waits for what another process does."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


@pytest.fixture
def story(tmp_path: Path, account: StripeAccount, stripe_address: str) -> Iterator[Story]:
    variables = {"DEVKIT_STRIPE_API_BASE": stripe_address}
    with (
        embedded_server(tmp_path / "data", "--clock", START, variables=variables) as url,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        yield Story(http)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def test_from_subscription_to_payment(story: Story, account: StripeAccount, receiver: Receiver) -> None:
    hook = {"type": "WEBHOOK", "name": "Hook", "url": f"{receiver.url}/hook", "signingSecret": SECRET}
    channel = story.post("notification/channels", hook)["id"]
    story.post("notification/rules", {"type": "invoice.updated", "name": "Invoices", "channels": [channel]})
    app = story.post("marketplace/listings/stripe/install/apikey", {"apiKey": account.key})["app"]["id"]
    roles = dict.fromkeys(("tax", "invoicing", "payment"), app)
    supplier = {"name": "Acme", "addresses": [{"country": "US"}]}
    story.post("billing/profiles", {"name": "S", "default": True, "workflow": {}, "apps": roles, "supplier": supplier})
    story.post("meters", METER)
    story.post("features", {"key": "tokens", "name": "Tokens", "meterSlug": "tokens"})
    plan = story.post("plans", PLAN)
    story.post(f"plans/{plan['id']}/publish")
    story.post("customers", {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["acme"]}})

    session = story.post(
        "stripe/checkout/sessions", {"customer": {"key": "acme"}, "options": {"successURL": "https://example.com"}}
    )
    account.control(f"checkout/{session['sessionId']}/complete")
    eventually(lambda: "stripeDefaultPaymentMethodId" in story.send("GET", "customers/acme/stripe"))

    story.post("subscriptions", {"customerKey": "acme", "plan": {"key": "pro"}})
    for number in range(4):
        event = {"id": str(number), "source": "s", "specversion": "1.0", "type": "tokens", "subject": "acme"}
        story.post("events", event | {"time": "2026-01-10T00:00:00Z", "data": {"n": 250}})
    story.pass_time("P1M")
    story.pass_time("PT2H")

    invoices = story.invoices()
    assert [invoice["totals"]["total"] for invoice in invoices] == ["49.9", "69.9"]
    assert {invoice["statusDetails"]["extendedStatus"] for invoice in invoices} == {"payment_processing.pending"}
    for invoice in invoices:
        there = account.post(f"invoices/{invoice['externalIds']['invoicing']}/pay")
        assert there["total"] == Decimal(invoice["totals"]["total"]) * 100
    eventually(lambda: all(invoice["status"] == "paid" for invoice in story.invoices()))
    paid = {invoice["id"] for invoice in invoices}
    eventually(lambda: heard_of(receiver, "paid") == paid)


def heard_of(receiver: Receiver, status: str) -> set[str]:
    """The invoices of which the receiver was told that they are in this status."""
    told = [json.loads(received.body)["data"] for received in receiver.got]
    return {invoice["id"] for invoice in told if invoice["status"] == status}
