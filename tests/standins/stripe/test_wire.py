"""Deliveries, idempotency, faults and the wire of the stand-in."""

import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe

from devkit.core.ports import bind
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn
from tests.standins.stripe.conftest import KEY, Receiver

AUTHORIZED = {"authorization": f"Bearer {KEY}"}


def endpoint(client: stripe.StripeClient, url: str, *events: str) -> str:
    wanted: Any = events
    made = client.v1.webhook_endpoints.create({"url": url, "enabled_events": list(wanted)})
    return str(made.secret)


def test_an_event_is_delivered_with_a_signature_that_the_sdk_accepts(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    secret = endpoint(client, receiver.url, "customer.created")
    made = client.v1.customers.create({"name": "Acme"})
    client.v1.customers.update(made.id, {"name": "Other"})
    ((body, signature),) = receiver.wait_for(1)
    event = stripe.Webhook.construct_event(body, signature, secret)
    assert (event.type, event.data.object["id"], event.api_version) == (
        "customer.created",
        made.id,
        "2024-09-30.acacia",
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, secret)


def test_a_delivery_is_tried_three_times(
    client: stripe.StripeClient, receiver: Receiver, control: Callable[..., Any]
) -> None:
    receiver.statuses = [500, 503]
    endpoint(client, receiver.url, "*")
    client.v1.customers.create({"name": "Acme"})
    receiver.wait_for(3)

    def told() -> list[tuple[int, int]]:
        return [(one["attempt"], one["status"]) for one in control("state")["deliveries"]]

    for _ in range(200):  # the receiver has seen it a moment before the stand-in notes its answer
        if len(told()) == 3:
            break
        threading.Event().wait(0.05)
    assert told() == [(1, 500), (2, 503), (3, 200)]


def test_what_happens_while_deliveries_are_off_is_never_told(
    client: stripe.StripeClient, receiver: Receiver, control: Callable[..., Any]
) -> None:
    endpoint(client, receiver.url, "*")
    control("deliver", on=False)
    client.v1.customers.create({"name": "Quiet"})
    control("deliver", on=True)
    client.v1.customers.create({"name": "Loud"})
    ((body, _),) = receiver.wait_for(1)
    assert json.loads(body)["data"]["object"]["name"] == "Loud"


def test_the_same_idempotency_key_does_it_once(client: stripe.StripeClient) -> None:
    once: Any = {"idempotency_key": "once"}
    first = client.v1.customers.create({"name": "Acme"}, once)
    again = client.v1.customers.create({"name": "Acme"}, once)
    assert again.id == first.id
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.customers.create({"name": "Other"}, once)
    assert len(client.v1.customers.list().data) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, stripe.APIError),
        (429, stripe.RateLimitError),
        (403, stripe.PermissionError),
        (401, stripe.AuthenticationError),
    ],
)
def test_a_fault_happens_as_often_as_it_was_asked_for(
    client: stripe.StripeClient, control: Callable[..., Any], status: int, error: type[Exception]
) -> None:
    control("faults", method="GET", path="/v1/account", status=status)
    with pytest.raises(error):
        client.v1.accounts.retrieve_current()
    assert client.v1.accounts.retrieve_current().object == "account"


def test_the_sdk_tries_again_after_a_dropped_connection(
    connect: Callable[..., stripe.StripeClient], control: Callable[..., Any]
) -> None:
    control("faults", path="/v1/customers", drop=True)
    assert connect(retries=1).v1.customers.create({"name": "Acme"}).name == "Acme"
    control("faults", path="/v1/customers", drop=True)
    with pytest.raises(stripe.APIConnectionError):
        connect().v1.customers.create({"name": "Acme"})


def test_a_fault_that_does_not_exist_is_refused(server: Server) -> None:
    answer = httpx.post(f"{server.url}/_standin/faults", json={"colour": "red"})
    assert answer.status_code == 400
    assert "method, path, status" in answer.json()["error"]["message"]


def test_the_state_shows_what_was_asked_and_written(client: stripe.StripeClient, control: Callable[..., Any]) -> None:
    client.v1.customers.create({"name": "Acme", "metadata": {"a": "1"}})
    client.v1.customers.list()
    shown = control("state")
    assert [(one["method"], one["path"]) for one in shown["requests"]] == [
        ("POST", "/v1/customers"),
        ("GET", "/v1/customers"),
    ]
    assert shown["counts"]["customer"] == 1
    (write,) = control("sent")
    assert write == {"method": "POST", "path": "/v1/customers", "params": {"name": "Acme", "metadata": {"a": "1"}}}
    assert control("sent") == []
    control("reset")
    assert control("state")["counts"]["customer"] == 0


def test_bodies_in_chunks_are_read(server: Server) -> None:
    answer = httpx.post(f"{server.url}/v1/customers", content=iter([b"name=Ac", b"me&email=a%40b"]), headers=AUTHORIZED)
    assert (answer.json()["name"], answer.json()["email"]) == ("Acme", "a@b")
    assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("target", ["/v1/nothing", "/v2/core/events", "/", "/_standin/nothing"])
def test_what_is_not_there_is_told_as_json(server: Server, target: str) -> None:
    answer = httpx.get(f"{server.url}{target}", headers=AUTHORIZED)
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("form", ["a=1&a[b]=2", "balance=much", "metadata=1", "name[x]=1", "expand=tax", "limit=0"])
def test_parameters_of_another_type_are_refused(server: Server, form: str) -> None:
    method = "GET" if form.startswith("limit") else "POST"
    target = f"{server.url}/v1/customers" + ("?" + form if method == "GET" else "")
    content = form.encode() if method == "POST" else None
    answer = httpx.request(method, target, content=content, headers=AUTHORIZED)
    assert answer.status_code == 400, answer.text


def test_too_long_a_body_is_refused(server: Server) -> None:
    assert httpx.post(f"{server.url}/v1/customers", content=b"x" * (2 << 20), headers=AUTHORIZED).status_code == 413


def test_without_a_key_nothing_is_answered(server: Server) -> None:
    assert httpx.get(f"{server.url}/v1/account").status_code == 401


def test_a_live_key_is_never_taken() -> None:
    with pytest.raises(ValueError, match="test keys only"):
        StripeStandIn("sk_live_1")


def test_addresses_on_this_machine_can_be_refused_as_stripe_does() -> None:
    with Server(StripeStandIn(KEY, allow_loopback=False), bind(0)) as server:
        form = {"url": "http://127.0.0.1:1/hook", "enabled_events[]": "*"}
        answer = httpx.post(f"{server.url}/v1/webhook_endpoints", data=form, headers=AUTHORIZED)
    assert answer.json()["error"]["message"] == "Invalid URL: URL must be publicly accessible"
