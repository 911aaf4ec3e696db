"""A whole month as one story: subscribe, use, invoice, sync to Stripe, pay, and be told."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from devkit.core.ports import bind
from devkit.core.webhook_signatures import SignatureState, signature_state
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn
from tests.embedded.workflows.notifications.receiving import Receiver, receiving
from tests.servers import embedded_server

KEY = "sk_test_story"
T = TypeVar("T")


@dataclass
class Story:
    http: httpx.Client
    stripe: httpx.Client
    receiver: Receiver

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"/api/v1/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def advance(self, by: str) -> None:
        moved = self.http.post("/_devkit/clock", json={"by": by})
        assert moved.json()["failedJobs"] == []

    def told(self, event_type: str) -> list[Any]:
        """The data of what the receiver got."""
        payloads = [httpx.Response(200, content=got.body).json() for got in list(self.receiver.got)]
        return [payload["data"] for payload in payloads if payload["type"] == event_type]


def until(look: Callable[[], T]) -> T:
    """What `look` sees once it sees anything."""
    deadline = time.monotonic() + 30
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert seen
    return seen


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with (
        Server(StripeStandIn(KEY), bind(0)) as stripe,
        embedded_server(
            tmp_path / "data", "--clock", "2026-03-01T00:00:00Z", variables={"DEVKIT_STRIPE_API_BASE": stripe.url}
        ) as url,
        httpx.Client(base_url=url, timeout=60) as http,
        httpx.Client(base_url=stripe.url, headers={"authorization": f"Bearer {KEY}"}) as at_stripe,
        receiving() as receiver,
    ):
        yield Story(http, at_stripe, receiver)


def billed_with_stripe(story: Story) -> str:
    """The id of a customer who pays by a card that Stripe knows, and whose invoices go their way by themselves."""
    app = story.call("POST", "marketplace/listings/stripe/install/apikey", {"apiKey": KEY, "name": "Stripe"})["app"][
        "id"
    ]
    profile = {
        "name": "Stripe",
        "default": False,
        "workflow": {"invoicing": {"autoAdvance": True, "draftPeriod": "P0D"}, "collection": {"interval": "P0D"}},
        "apps": dict.fromkeys(("tax", "invoicing", "payment"), app),
        "supplier": {"name": "Acme Supplies", "addresses": [{"country": "US"}]},
    }
    made = story.call("POST", "billing/profiles", profile)
    customer = {
        "name": "Payer",
        "key": "payer",
        "usageAttribution": {"subjectKeys": ["payer-1"]},
        "currency": "USD",
        "primaryEmail": "payer@example.com",
    }
    id_ = str(story.call("POST", "customers", customer)["id"])
    story.call("PUT", f"billing/customers/{id_}", {"billingProfileId": made["id"]})
    checkout = {"customer": {"id": id_}, "options": {"successURL": "https://example.com/ok"}}
    session = story.call("POST", "stripe/checkout/sessions", checkout)["sessionId"]
    assert story.stripe.post(f"/_standin/checkout/{session}/complete", json={}).status_code == 200
    until(lambda: story.call("GET", f"customers/{id_}/stripe").get("stripeDefaultPaymentMethodId"))
    return id_


def subscribed(story: Story) -> None:
    """The customer pays 20 dollars in arrears, and two cents for each of its tokens, of which it is granted 1000."""
    meter = {"slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
    story.call("POST", "meters", meter)
    story.call("POST", "features", {"key": "tokens", "name": "Tokens", "meterSlug": "tokens"})
    card = {"name": "Tokens", "featureKey": "tokens", "billingCadence": "P1M"}
    usage = card | {
        "type": "usage_based",
        "key": "tokens",
        "price": {"type": "unit", "amount": "0.02"},
        "entitlementTemplate": {"type": "metered", "issueAfterReset": 1000, "isSoftLimit": True},
    }
    fee = {
        "type": "flat_fee",
        "key": "fee",
        "name": "Fee",
        "billingCadence": "P1M",
        "price": {"type": "flat", "amount": "20", "paymentTerm": "in_arrears"},
    }
    plan = {
        "key": "pro",
        "name": "Pro",
        "currency": "USD",
        "billingCadence": "P1M",
        "phases": [{"key": "main", "name": "Main", "duration": None, "rateCards": [fee, usage]}],
    }
    id_ = story.call("POST", "plans", plan)["id"]
    story.call("POST", f"plans/{id_}/publish")
    story.call("POST", "subscriptions", {"customerKey": "payer", "plan": {"key": "pro"}})


def listening(story: Story) -> str:
    """Rules of three types send to the receiver; returns the secret that they sign with."""
    channel = {"type": "WEBHOOK", "name": "Hook", "url": f"{story.receiver.url}/hook"}
    made = story.call("POST", "notification/channels", channel)
    threshold = {"thresholds": [{"type": "usage_percentage", "value": 90}]}
    for type_, more in (
        ("entitlements.balance.threshold", threshold),
        ("invoice.created", {}),
        ("invoice.updated", {}),
    ):
        story.call("POST", "notification/rules", {"type": type_, "name": type_, "channels": [made["id"]], **more})
    return str(made["signingSecret"])


def test_a_month_from_the_subscription_to_the_paid_invoice(story: Story) -> None:
    secret = listening(story)
    customer = billed_with_stripe(story)
    subscribed(story)
    story.advance("P1D")
    event = {"specversion": "1.0", "id": "1", "source": "story", "type": "tokens", "subject": "payer-1"}
    story.call("POST", "events", event | {"data": {"n": 950}})

    (crossed,) = until(lambda: story.told("entitlements.balance.threshold"))
    assert (crossed["threshold"]["value"], crossed["value"]["balance"]) == (90, 50)

    story.advance("P1M")
    story.advance("P1D")
    invoice = until(
        lambda: story.call("GET", f"billing/invoices?customers={customer}&statuses=payment_processing")["items"]
    )[0]
    assert invoice["totals"]["total"] == "39"
    at_stripe = story.stripe.get(f"/v1/invoices/{invoice['externalIds']['invoicing']}").json()
    assert (at_stripe["status"], at_stripe["amount_due"], at_stripe["currency"]) == ("open", 3900, "usd")

    assert story.stripe.post(f"/v1/invoices/{at_stripe['id']}/pay").status_code == 200
    until(lambda: story.call("GET", f"billing/invoices/{invoice['id']}")["status"] == "paid")
    paid = until(lambda: [data for data in story.told("invoice.updated") if data["status"] == "paid"])
    assert (paid[0]["id"], paid[0]["totals"]["total"]) == (invoice["id"], "39")
    assert [data["id"] for data in story.told("invoice.created")] == [invoice["id"]]
    states = {signature_state(got.headers, got.body, [secret], time.time()) for got in story.receiver.got}
    assert states == {SignatureState.valid}
