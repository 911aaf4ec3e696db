"""The official Python SDK against the embedded server, as a developer's own program would use it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)


@pytest.fixture
def client(embedded_url: str) -> Iterator[object]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


def test_events_are_ingested_listed_and_metered(client) -> None:
    from openmeter.models import Event, MeterCreate

    run = uuid.uuid4().hex[:10]
    client.meters.create(
        MeterCreate(
            slug=f"tokens_{run}",
            aggregation="SUM",
            event_type=f"prompt-{run}",
            value_property="$.tokens",
            group_by={"model": "$.model"},
        )
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


def test_a_csv_and_a_refusal_reach_the_program(client) -> None:
    from corehttp.exceptions import ResourceNotFoundError
    from openmeter.models import MeterCreate

    run = uuid.uuid4().hex[:10]
    client.meters.create(MeterCreate(slug=f"calls_{run}", aggregation="COUNT", event_type=f"call-{run}"))

    assert client.meters.query_csv(f"calls_{run}").splitlines()[0] == "window_start,window_end,value"
    with pytest.raises(ResourceNotFoundError):
        client.meters.get(f"nothing_{run}")
