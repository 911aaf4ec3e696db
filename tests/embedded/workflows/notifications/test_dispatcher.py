"""The dispatcher: what arrives at receivers, and what events say of it."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from devkit.embedded.domain.notifications import deliveries
from devkit.embedded.http.pipeline import Application
from devkit.embedded.workflows.notifications.dispatcher import Dispatcher
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import (
    CHANNELS,
    EVENTS,
    RULES,
    SECRET,
    channel,
    make_channel,
    make_rule,
    rule,
)
from tests.embedded.workflows.notifications.receiving import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


class Post:
    """A rule of resets with one channel, and the dispatcher."""

    def __init__(self, app: Application, url: str, **members: Any) -> None:
        self.app = app
        self.channel = make_channel(app, url=url, **members)
        self.rule = make_rule(app, self.channel)
        self.dispatcher = Dispatcher(app.store, "default")

    def event(self) -> str:
        return str(ask(self.app, "POST", f"{RULES}/{self.rule}/test").json["id"])

    def dispatch(self, **later: float) -> None:
        """Delivers what is due after that time."""
        self.app.store.advance_clock(self.app.store.now() + timedelta(**later or {"seconds": 2}))
        self.dispatcher.dispatch()
        self.dispatcher.wait(10)

    def delivery(self, event: str) -> dict[str, Any]:
        (status,) = ask(self.app, "GET", f"{EVENTS}/{event}").json["deliveryStatus"]
        return dict(status)

    def resend(self, event: str) -> None:
        assert ask(self.app, "POST", f"{EVENTS}/{event}/resend", {}).status == 202


def expected_signature(headers: dict[str, str], body: bytes) -> str:
    content = f"{headers['svix-id']}.{headers['svix-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def test_the_payload_arrives_signed_and_with_the_headers_of_the_channel(app: Application, receiver: Receiver) -> None:
    post = Post(app, f"{receiver.url}/hook?x=1", customHeaders={"X-Team": "billing"})
    event = post.event()
    post.dispatcher.dispatch()
    post.dispatcher.wait(10)
    assert receiver.got == [], "an event is answered before it is delivered"
    post.dispatch()
    (got,) = receiver.got
    assert json.loads(got.body) == ask(app, "GET", f"{EVENTS}/{event}").json["payload"]
    assert (got.path, got.headers["content-type"], got.headers["x-team"]) == (
        "/hook?x=1",
        "application/json",
        "billing",
    )
    assert got.headers["svix-signature"] == expected_signature(got.headers, got.body)
    delivery = post.delivery(event)
    assert (delivery["state"], delivery["reason"]) == ("SUCCESS", "")
    assert delivery["annotations"] == {
        "svix.application.uid": "default",
        "svix.event.type": "entitlements.reset",
        "svix.message.event_id": event,
        "svix.message.id": got.headers["svix-id"],
    }
    (attempt,) = delivery["attempts"]
    assert attempt["response"].pop("durationMs") >= 0
    assert attempt["response"] == {"statusCode": 204, "body": "", "url": f"{receiver.url}/hook?x=1"}


def test_receivers_see_the_time_of_the_machine_however_the_clock_was_moved(
    app: Application, receiver: Receiver
) -> None:
    post = Post(app, receiver.url)
    post.event()
    post.dispatch(days=700)
    assert abs(int(receiver.got[0].headers["svix-timestamp"]) - time.time()) < 60


def test_a_refused_delivery_is_attempted_again_and_a_resend_begins_anew(app: Application, receiver: Receiver) -> None:
    receiver.answer = (500, b"no")
    post = Post(app, receiver.url)
    event = post.event()
    post.dispatch()
    post.dispatch(seconds=3)
    assert len(post.delivery(event)["attempts"]) == 1, "the second attempt is due after five seconds"
    post.dispatch(seconds=3)
    delivery = post.delivery(event)
    assert (delivery["state"], len(delivery["attempts"])) == ("SENDING", 2)
    assert "nextAttempt" in delivery
    assert {attempt["response"]["body"] for attempt in delivery["attempts"]} == {"no"}
    receiver.answer = (204, b"")
    post.resend(event)
    assert post.delivery(event)["state"] == "RESENDING"
    post.dispatch()
    delivery = post.delivery(event)
    assert [attempt["state"] for attempt in delivery["attempts"]] == ["SUCCESS", "FAILED", "FAILED"]
    assert "nextAttempt" not in delivery
    assert len({got.headers["svix-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1


def test_a_delivery_is_given_up_when_all_attempts_have_failed(app: Application) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    post = Post(app, url)
    event = post.event()
    post.dispatch()
    for distance in deliveries.BACK_OFF:
        assert post.delivery(event)["state"] == "SENDING"
        post.dispatch(seconds=distance.total_seconds() + 1)
    delivery = post.delivery(event)
    assert (delivery["state"], len(delivery["attempts"])) == ("FAILED", len(deliveries.BACK_OFF) + 1)
    assert {attempt["response"]["statusCode"] for attempt in delivery["attempts"]} == {0}
    assert all(attempt["response"]["body"] for attempt in delivery["attempts"]), "it says why"


def test_a_redirect_is_not_followed(app: Application, receiver: Receiver) -> None:
    receiver.answer = (302, b"")
    post = Post(app, f"{receiver.url}/hook")
    event = post.event()
    post.dispatch()
    assert [got.path for got in receiver.got] == ["/hook"]
    assert post.delivery(event)["attempts"][0]["response"]["statusCode"] == 302


def test_an_endless_answer_is_cut(app: Application, receiver: Receiver) -> None:
    receiver.answer = (400, b"x" * (1 << 20))
    post = Post(app, receiver.url)
    event = post.event()
    post.dispatch()
    assert len(post.delivery(event)["attempts"][0]["response"]["body"]) == 64 * 1024


def test_headers_that_an_update_leaves_out_are_sent_all_the_same(app: Application, receiver: Receiver) -> None:
    post = Post(app, receiver.url, customHeaders={"X-Team": "billing"})
    ask(app, "PUT", f"{CHANNELS}/{post.channel}", channel(url=receiver.url))
    post.event()
    post.dispatch()
    ask(app, "PUT", f"{CHANNELS}/{post.channel}", channel(url=receiver.url, customHeaders={"X-Other": "1"}))
    post.event()
    post.dispatch()
    first, second = (got.headers for got in receiver.got)
    assert first["x-team"] == "billing"
    assert (second["x-other"], "x-team" in second) == ("1", False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("disable", deliveries.CHANNEL_DISABLED),
        ("unassign", deliveries.RULE_NOT_ASSIGNED),
        ("delete rule", deliveries.RULE_NOT_ASSIGNED),
        ("delete", deliveries.CHANNEL_NOT_FOUND),
    ],
)
def test_what_lost_its_way_is_not_delivered(app: Application, receiver: Receiver, change: str, reason: str) -> None:
    post = Post(app, receiver.url)
    event = post.event()
    if change == "disable":
        ask(app, "PUT", f"{CHANNELS}/{post.channel}", channel(url=receiver.url, disabled=True))
    elif change == "unassign":
        other = rule(make_channel(app), type="entitlements.reset")
        assert ask(app, "PUT", f"{RULES}/{post.rule}", other).status == 200
    else:
        ask(app, "DELETE", f"{RULES}/{post.rule}")
        if change == "delete":
            assert ask(app, "DELETE", f"{CHANNELS}/{post.channel}").status == 204
    post.dispatch()
    delivery = post.delivery(event)
    assert (delivery["state"], delivery["reason"], delivery["attempts"]) == ("FAILED", reason, [])
    assert receiver.got == []


def test_a_slow_receiver_holds_up_nobody_else(app: Application, receiver: Receiver) -> None:
    with receiving() as other:
        slow, quick = Post(app, receiver.url), Post(app, other.url)
        quick.dispatcher = slow.dispatcher
        receiver.open.clear()
        slow.event()
        late = slow.event()
        done = quick.event()
        app.store.advance_clock(app.store.now() + timedelta(seconds=2))
        slow.dispatcher.dispatch()
        deadline = time.monotonic() + 10
        while (quick.delivery(done)["state"] == "PENDING" or not receiver.got) and time.monotonic() < deadline:
            slow.dispatcher.dispatch()  # begins nothing with a channel that is busy
        assert quick.delivery(done)["state"] == "SUCCESS"
        assert slow.delivery(late)["state"] == "PENDING"
        assert len(receiver.got) == 1
        receiver.open.set()
        slow.dispatcher.wait(10)
        assert slow.delivery(late)["state"] == "SUCCESS"
        assert len(receiver.got) == 2


def test_a_server_that_runs_delivers_by_itself(app: Application, receiver: Receiver) -> None:
    post = Post(app, receiver.url)
    with app.background.periodically():
        event = post.event()
        deadline = time.monotonic() + 10
        while post.delivery(event)["state"] != "SUCCESS" and time.monotonic() < deadline:
            time.sleep(0.05)
    assert post.delivery(event)["state"] == "SUCCESS"
    assert len(receiver.got) == 1


def test_deliveries_leave_no_connection_to_the_store_behind(app: Application, receiver: Receiver) -> None:
    post = Post(app, receiver.url)
    post.event()
    post.dispatch()
    before = len(app.store.records._readers)
    for _ in range(3):
        post.event()
        post.dispatch()
    assert len(receiver.got) == 4
    assert len(app.store.records._readers) == before
