"""The proof counts one event for real, cleans up after itself, and fails where the count does not come."""

import itertools

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.usecases.prove_ingest import SLUG, prove_ingest


@pytest.fixture
def client(tmp_path):
    # A server of its own: the proof's meter has a fixed slug.
    from tests.servers import embedded_server

    with embedded_server(tmp_path / "data") as url, OpenMeter(url) as client:
        yield client


def slugs(client: OpenMeter) -> list[str]:
    return [meter["slug"] for meter in client.call("listMeters")]


def test_an_event_is_counted_and_nothing_but_it_is_left(client):
    assert prove_ingest(client) >= 0
    assert slugs(client) == []
    assert len(client.call("listEvents")) == 1


def test_the_meter_that_a_killed_proof_left_behind_is_no_obstacle(client):
    client.call("createMeter", body={"slug": SLUG, "eventType": "old", "aggregation": "COUNT"})
    prove_ingest(client)
    assert slugs(client) == []


def test_a_server_that_loses_the_event_fails_the_proof_and_keeps_no_meter(client, monkeypatch):
    monkeypatch.setattr(client, "ingest", lambda _events: None)
    ticks = itertools.count(step=6)
    with pytest.raises(DevkitError, match="after 10 s the meter counts 0") as caught:
        prove_ingest(client, clock=lambda: next(ticks))
    assert caught.value.hint
    assert slugs(client) == []


def test_a_server_that_counts_twice_fails_the_proof(client, monkeypatch):
    send = client.ingest

    def twice(events):
        send([*events, *({**event, "id": "another"} for event in events)])

    monkeypatch.setattr(client, "ingest", twice)
    ticks = itertools.count(step=6)
    with pytest.raises(DevkitError, match="the meter counts 2"):
        prove_ingest(client, clock=lambda: next(ticks))
