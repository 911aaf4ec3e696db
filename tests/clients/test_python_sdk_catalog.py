"""The official Python SDK against the embedded server: a product catalog from feature to published plan."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter


@pytest.fixture
def client(embedded_url: str) -> Iterator[object]:
    from openmeter import Client

    with Client(endpoint=embedded_url, token="not-checked-here") as client:
        yield client


@pytest.fixture
def run(embedded_url: str) -> str:
    """A mark of its own for the keys of a test, with the meter `calls_<mark>`."""
    mark = uuid.uuid4().hex[:10]
    with OpenMeter(embedded_url) as devkit_client:
        devkit_client.call(
            "createMeter", body={"slug": f"calls_{mark}", "aggregation": "COUNT", "eventType": f"call-{mark}"}
        )
    return mark


def plan_of(run: str) -> Any:
    """A JSON body: the SDK's models leave out what is null, and OpenMeter wants `duration` and tiers' prices said."""
    fee = {"type": "flat_fee", "key": "fee", "name": "Fee", "billingCadence": "P1M"}
    tiers = [
        {"upToAmount": "500", "flatPrice": None, "unitPrice": {"type": "unit", "amount": "0.04"}},
        {"flatPrice": None, "unitPrice": {"type": "unit", "amount": "0.03"}},
    ]
    calls = {"type": "usage_based", "key": f"calls_{run}", "name": "Calls", "featureKey": f"calls_{run}"}
    cards = [
        fee | {"price": {"type": "flat", "amount": "19.90"}},
        calls
        | {
            "billingCadence": "P1M",
            "price": {"type": "tiered", "mode": "graduated", "tiers": tiers},
            "entitlementTemplate": {"type": "metered", "isSoftLimit": True, "issueAfterReset": 200},
        },
    ]
    phase = {"key": "main", "name": "Main", "duration": None, "rateCards": cards}
    return {"key": f"pro_{run}", "name": "Pro", "currency": "USD", "billingCadence": "P1M", "phases": [phase]}


def test_a_plan_is_drafted_published_and_found_by_its_key(client, run: str) -> None:
    from openmeter.models import FeatureCreateInputs

    feature = client.features.create(FeatureCreateInputs(key=f"calls_{run}", name="Calls", meter_slug=f"calls_{run}"))
    draft = client.plans.create(plan_of(run))
    assert (draft.status, draft.version, draft.validation_errors) == ("draft", 1, None)

    published = client.plans.publish(draft.id)
    found = client.plans.get(f"pro_{run}")
    cards = {card["key"]: card for card in found.phases[0].rate_cards}

    assert (published.status, found.id, found.effective_from) == ("active", draft.id, published.effective_from)
    assert cards["fee"]["price"]["amount"] == "19.9"
    assert [tier.get("upToAmount") for tier in cards[f"calls_{run}"]["price"]["tiers"]] == ["500", None]
    assert cards[f"calls_{run}"]["entitlementTemplate"]["usagePeriod"] == "P1M"
    assert [plan.version for plan in client.plans.list(key=[f"pro_{run}"])] == [1]
    assert client.features.get(f"calls_{run}").id == feature.id


def test_a_refusal_names_the_place_of_every_issue(client, run: str) -> None:
    from corehttp.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as refused:
        client.plans.create(plan_of(run))

    response: Any = refused.value.response
    problem = response.json()
    (issue,) = problem["extensions"]["validationErrors"]
    assert (problem["status"], problem["detail"], issue["code"]) == (400, "invalid plan", "rate_card_feature_not_found")
    assert issue["field"].endswith(f".ratecards[?(@.key=='calls_{run}')].featureKey")
