"""The official Python SDK against the embedded server: a channel, its rule, and an event that is sent once more."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from tests.embedded.workflows.notifications.receiving import Receiver, receiving


@pytest.fixture
def client(embedded_url: str) -> Iterator[Any]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def until(look: Any) -> Any:
    """What `look` sees once it sees anything."""
    deadline = time.monotonic() + 20
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen


def test_channels_rules_and_events(client: Any, embedded_url: str, receiver: Receiver) -> None:
    mark = uuid.uuid4().hex[:10]
    hook = {"type": "WEBHOOK", "name": mark, "url": receiver.url}
    channel = client.notification_channels.create(hook)
    moved = client.notification_channels.update(
        channel["id"], {**hook, "url": f"{receiver.url}/moved", "signingSecret": channel["signingSecret"]}
    )
    assert moved["url"] == client.notification_channels.get(channel["id"])["url"] == f"{receiver.url}/moved"

    body = {"type": "entitlements.reset", "name": mark, "channels": [channel["id"]]}
    rule = client.notification_rules.create(body)
    assert [shown["id"] for shown in rule["channels"]] == [channel["id"]]
    with OpenMeter(embedded_url) as devkit_client:  # the SDK takes the documented 201 alone; OpenMeter answers 200
        event_id = devkit_client.call("testNotificationRule", path={"ruleId": rule["id"]})["id"]

    def delivered(times: int) -> Any:
        found = client.notification_events.get(event_id)
        return found if len(found.delivery_status[0].attempts) == times else None

    assert until(lambda: delivered(1)).delivery_status[0].state == "SUCCESS"
    client.notification_events.resend(event_id, {"channels": [channel["id"]]})
    assert until(lambda: delivered(2)).type == "entitlements.reset"
    assert [got.path for got in receiver.got] == ["/moved", "/moved"]
    assert [event.id for event in client.notification_events.list(rule=[rule["id"]]).items_property] == [event_id]

    client.notification_rules.delete(rule["id"])
    client.notification_channels.delete(channel["id"])
    assert client.notification_channels.get(channel["id"])["disabled"]
