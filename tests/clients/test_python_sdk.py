"""The official Python SDK against the embedded server, as a developer's own program would use it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from devkit.adapters.openmeter import OpenMeter

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)


@pytest.fixture
def client(embedded_url: str) -> Iterator[object]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


def make_meter(url: str, **meter: object) -> None:
    """Not by the SDK: it takes only the documented 201, and OpenMeter answers 200 here (the next test)."""
    with OpenMeter(url) as devkit_client:
        devkit_client.call("createMeter", body=meter)


def test_events_are_ingested_listed_and_metered(client, embedded_url: str) -> None:
    from openmeter.models import Event

    run = uuid.uuid4().hex[:10]
    make_meter(
        embedded_url,
        slug=f"tokens_{run}",
        aggregation="SUM",
        eventType=f"prompt-{run}",
        valueProperty="$.tokens",
        groupBy={"model": "$.model"},
    )
    events = [
        Event(
            id=f"{run}-{i}",
            source="sdk-test",
            specversion="1.0",
            type=f"prompt-{run}",
            subject=f"customer-{run}",
            time=START + timedelta(minutes=30 * i),
            data={"tokens": i, "model": "large" if i % 2 else "small"},
        )
        for i in range(1, 6)
    ]
    client.events.ingest_event(events[0])
    client.events.ingest_events(events)

    listed = client.events.list(subject=f"customer-{run}")
    result = client.meters.query_json(f"tokens_{run}", group_by=["model"])

    assert [item.event.id for item in listed] == [event.id for event in reversed(events)]
    assert {row.group_by["model"]: row.value for row in result.data} == {"large": 9.0, "small": 6.0}
    assert f"tokens_{run}" in {meter.slug for meter in client.meters.list()}


def test_a_made_meter_reaches_the_server_though_the_sdk_expects_another_status(client) -> None:
    from corehttp.exceptions import HttpResponseError
    from openmeter.models import MeterCreate

    run = uuid.uuid4().hex[:10]
    with pytest.raises(HttpResponseError) as refused:
        client.meters.create(MeterCreate(slug=f"calls_{run}", aggregation="COUNT", event_type=f"call-{run}"))

    assert refused.value.status_code == 200
    assert client.meters.get(f"calls_{run}").event_type == f"call-{run}"


def test_a_csv_and_a_refusal_reach_the_program(client, embedded_url: str) -> None:
    from corehttp.exceptions import ResourceNotFoundError

    run = uuid.uuid4().hex[:10]
    make_meter(embedded_url, slug=f"calls_{run}", aggregation="COUNT", eventType=f"call-{run}")

    assert client.meters.query_csv(f"calls_{run}").splitlines()[0] == "window_start,window_end,value"
    with pytest.raises(ResourceNotFoundError):
        client.meters.get(f"nothing_{run}")
