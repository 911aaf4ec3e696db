"""Events know how many endpoints still wait for them; setup intents that wait for a customer can be cancelled."""

import threading
from typing import Any

import pytest
import stripe

from tests.standins.stripe.conftest import Receiver


def until_pending(client: stripe.StripeClient, event: str, wanted: int) -> int:
    for _ in range(200):
        if (left := client.v1.events.retrieve(event).pending_webhooks) == wanted:
            break
        threading.Event().wait(0.05)
    return left


def latest(client: stripe.StripeClient, kind: str) -> str:
    return str(client.v1.events.list({"type": kind}).data[0].id)


def asking(client: stripe.StripeClient) -> stripe.SetupIntent:
    params: Any = {
        "confirm": True,
        "payment_method": "pm_card_authenticationRequired",
        "payment_method_types": ["card"],
    }
    return client.v1.setup_intents.create(params)


def test_an_endpoint_that_took_an_event_no_longer_waits_for_it(client: stripe.StripeClient, receiver: Receiver) -> None:
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})
    client.v1.customers.create({"name": "Acme"})
    assert until_pending(client, latest(client, "customer.created"), 0) == 0


def test_an_endpoint_that_refuses_an_event_goes_on_waiting(client: stripe.StripeClient, receiver: Receiver) -> None:
    receiver.statuses = [500] * 3
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})
    client.v1.customers.create({"name": "Acme"})
    receiver.wait_for(3)
    assert client.v1.events.retrieve(latest(client, "customer.created")).pending_webhooks == 1


def test_a_card_whose_bank_asks_first_leaves_a_setup_intent_that_waits(client: stripe.StripeClient) -> None:
    intent = asking(client)
    assert intent.status == "requires_action"
    about: Any = client.v1.events.retrieve(latest(client, "setup_intent.requires_action")).data.object
    assert about["id"] == intent.id


def test_a_setup_intent_is_cancelled_once(client: stripe.StripeClient) -> None:
    intent = asking(client)
    assert client.v1.setup_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.setup_intents.cancel(intent.id)
