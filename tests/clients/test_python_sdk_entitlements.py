"""The official Python SDK against the embedded server: an entitlement, its grants, its usage and its balance."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(embedded_url: str) -> Iterator[Any]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


@pytest.fixture
def run(embedded_url: str) -> str:
    """A mark of its own for the keys of a test, with the meter and feature `calls_<mark>` and the customer `<mark>`."""
    mark = uuid.uuid4().hex[:10]
    calls = f"calls_{mark}"
    with OpenMeter(embedded_url) as devkit_client:
        devkit_client.call("createMeter", body={"slug": calls, "aggregation": "COUNT", "eventType": calls})
        devkit_client.call("createFeature", body={"key": calls, "name": "Calls", "meterSlug": calls})
        devkit_client.call("createCustomer", body={"key": mark, "name": "Acme"})
    return mark


def make_entitlement(client: Any, run: str) -> Any:
    """A dict: the SDK has no models for what the API calls one of several kinds."""
    body = {
        "type": "metered",
        "featureKey": f"calls_{run}",
        "usagePeriod": {"interval": "P100Y", "anchor": "2024-01-01T00:00:00Z"},
        "measureUsageFrom": "2024-01-01T00:00:00Z",
    }
    return client.customer_entitlements_v2.post(run, body)


def use(client: Any, run: str, *days: int) -> None:
    from openmeter.models import Event

    events = [
        Event(
            id=f"{run}-{day}",
            source="shop",
            type=f"calls_{run}",
            subject=run,
            time=START.replace(day=day),
            specversion="1.0",
        )
        for day in days
    ]
    client.events.ingest_events(events)


def test_grants_are_burnt_by_usage_and_a_reset_begins_anew(client: Any, run: str) -> None:
    from openmeter.models import EntitlementGrantCreateInputV2, ResetEntitlementUsageInput

    key = f"calls_{run}"
    made = make_entitlement(client, run)
    grant = client.customer_entitlement_v2.create_customer_entitlement_grant(
        run, key, EntitlementGrantCreateInputV2(amount=5, effective_at=START, priority=1)
    )
    use(client, run, 2, 3, 10)

    value = client.customer_entitlement_v2.get_customer_entitlement_value(run, key)
    assert (value.has_access, value.balance, value.usage) == (True, 2, 3)
    assert value["grantBalances"] == {grant.id: 2}
    assert client.customer_entitlement.get_customer_entitlement_value(run, key).balance == 2
    assert client.customer.get_customer_access(run).entitlements[key].balance == 2

    history = client.customer_entitlement_v2.get_customer_entitlement_history(
        run, key, window_size="DAY", from_parameter=START, to=START.replace(day=5)
    )
    assert [window.usage for window in history.windowed_history] == [0, 1, 1, 0]

    client.customer_entitlement_v2.reset_customer_entitlement(
        run, key, ResetEntitlementUsageInput(effective_at=START.replace(day=5))
    )
    value = client.customer_entitlement_v2.get_customer_entitlement_value(run, key)
    assert (value.balance, value.usage) == (2, 1)
    assert client.entitlements_v2.get(made["id"])["lastReset"] == "2024-01-05T00:00:00Z"


def test_a_second_entitlement_to_the_feature_names_the_first_one(client: Any, run: str) -> None:
    from corehttp.exceptions import HttpResponseError

    made = make_entitlement(client, run)
    with pytest.raises(HttpResponseError) as refused:
        make_entitlement(client, run)

    response: Any = refused.value.response
    assert response.json()["extensions"] == {"conflictingEntityId": made["id"]}
    assert [found["id"] for found in client.customer_entitlements_v2.list(run).items_property] == [made["id"]]
    client.customer_entitlements_v2.delete(run, f"calls_{run}")
    assert client.customer_entitlements_v2.list(run).total_count == 0
