"""The official Python SDK against the embedded server: a subscription from its begin to its end."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from tests.embedded.domain.catalog.examples import flat, phase, plan


@pytest.fixture
def client(embedded_url: str) -> Iterator[Any]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


@pytest.fixture
def run(embedded_url: str) -> str:
    """A mark of its own: the key of a customer and of a published plan."""
    mark = uuid.uuid4().hex[:10]
    with OpenMeter(embedded_url) as devkit_client:
        devkit_client.call("createCustomer", body={"key": mark, "name": "Acme"})
        made = devkit_client.call("createPlan", body=plan(phase(flat()), key=mark))
        devkit_client.call("publishPlan", path={"planId": made["id"]})
    return mark


def test_a_subscription_is_edited_canceled_and_resumed(client: Any, run: str) -> None:
    made = client.subscriptions.create({"customerKey": run, "plan": {"key": run}})
    assert (made.status, made.plan.key) == ("active", run)
    operation = {"op": "add_item", "phaseKey": "main", "rateCard": flat("extra")}
    client.subscriptions.edit(made.id, {"customizations": [operation]})
    (only,) = client.subscriptions.get_expanded(made.id).phases
    assert sorted(item.key for item in only.items_property) == ["extra", "fee"]
    assert client.subscriptions.cancel(made.id, {"timing": "next_billing_cycle"}).status == "canceled"
    assert client.subscriptions.unschedule_cancelation(made.id).status == "active"
    changed = client.subscriptions.change(made.id, {"timing": "immediate", "plan": {"key": run}})
    assert (changed.current.status, changed.next.status) == ("inactive", "active")
    assert client.subscription_addons.list(changed.next.id) == []


def test_a_second_subscription_is_a_conflict(client: Any, run: str) -> None:
    from corehttp.exceptions import HttpResponseError

    client.subscriptions.create({"customerKey": run, "plan": {"key": run}})
    with pytest.raises(HttpResponseError) as refused:
        client.subscriptions.create({"customerKey": run, "plan": {"key": run}})
    assert refused.value.status_code == 409
