"""Customers with entitlements and subscriptions: what they show, and what is forbidden."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

BODY = {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["a", "b"]}}
PLAN = {
    "key": "basic",
    "name": "Basic",
    "currency": "USD",
    "billingCadence": "P1M",
    "phases": [
        {
            "key": "main",
            "name": "Main",
            "duration": None,
            "rateCards": [{"type": "flat_fee", "key": "s", "name": "S", "billingCadence": "P1M", "price": None}],
        }
    ],
}


def _made(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer.body
    return answer.json


@pytest.fixture
def customer(app: Application) -> str:
    plan = _made(ask(app, "POST", "/api/v1/plans", PLAN))
    _made(ask(app, "POST", f"/api/v1/plans/{plan['id']}/publish"))
    return str(_made(ask(app, "POST", "/api/v1/customers", BODY))["id"])


def _subscribe(app: Application, **body: Any) -> str:
    wanted = {"customerKey": "acme", "plan": {"key": "basic"}, **body}
    return str(_made(ask(app, "POST", "/api/v1/subscriptions", wanted))["id"])


def _end(app: Application, subscription: str) -> None:
    _made(ask(app, "POST", f"/api/v1/subscriptions/{subscription}/cancel", {"timing": "immediate"}))


def _replace(app: Application, **changes: Any) -> Answer:
    return ask(app, "PUT", "/api/v1/customers/acme", {**BODY, **changes})


def _subscriptions(app: Application, query: str = "") -> Any:
    return _made(ask(app, "GET", f"/api/v1/customers/acme/subscriptions?{query}"))


def _names(app: Application, query: str = "") -> list[str]:
    return [subscription["name"] for subscription in _subscriptions(app, query)["items"]]


def test_a_customer_shows_its_running_subscription_until_that_ends(app: Application, customer: str) -> None:
    id_ = _subscribe(app)
    listed = ask(app, "GET", "/api/v1/customers").json["items"]
    for shown in (ask(app, "GET", f"/api/v1/customers/{customer}").json, *listed):
        assert shown["currentSubscriptionId"] == id_
        assert [subscription["id"] for subscription in shown["subscriptions"]] == [id_]
    assert "subscriptions" not in _replace(app, name="New").json
    _end(app, id_)
    assert "currentSubscriptionId" not in ask(app, "GET", "/api/v1/customers/acme").json


def test_lists_find_customers_by_the_plan_of_a_running_subscription(app: Application, customer: str) -> None:
    id_ = _subscribe(app)
    ask(app, "POST", "/api/v1/customers", {"name": "Other", "key": "other"})

    def found(key: str) -> list[str]:
        return [item["id"] for item in ask(app, "GET", f"/api/v1/customers?planKey={key}").json["items"]]

    assert (found("basic"), found("basi")) == ([customer], [])
    _end(app, id_)
    assert found("basic") == []


@pytest.mark.parametrize("keys", [["a"], ["a", "b", "c"], ["b", "a"], []])
def test_the_subjects_of_a_subscribed_customer_are_fixed_in_their_order(
    app: Application, customer: str, keys: list[str]
) -> None:
    id_ = _subscribe(app)
    refused = _replace(app, usageAttribution={"subjectKeys": keys})
    text = "validation error: cannot change subject keys for customer with active subscriptions"
    assert (refused.status, refused.json["detail"]) == (400, text)
    assert _replace(app, name="New", currency="EUR").status == 200
    _end(app, id_)
    assert _replace(app, usageAttribution={"subjectKeys": keys}).status == 200
    assert ask(app, "GET", f"/api/v1/customers/{customer}").json["name"] == "Acme"


def test_leaving_all_subjects_out_is_not_seen(app: Application, customer: str) -> None:
    _subscribe(app)
    assert ask(app, "PUT", f"/api/v1/customers/{customer}", {"name": "x", "key": "acme"}).status == 200
    assert "usageAttribution" not in ask(app, "GET", "/api/v1/customers/acme").json


def test_entitlements_and_then_subscriptions_forbid_the_deletion(app: Application, customer: str) -> None:
    _made(ask(app, "POST", "/api/v1/features", {"key": "flag", "name": "Flag"}))
    flag = {"type": "boolean", "featureKey": "flag"}
    _made(ask(app, "POST", "/api/v2/customers/acme/entitlements", flag))
    subscription = _subscribe(app)
    entitled = ask(app, "DELETE", "/api/v1/customers/acme")
    assert (entitled.status, entitled.json["detail"][:40]) == (409, f"conflict error: customer {customer}"[:40])
    assert ask(app, "DELETE", "/api/v2/customers/acme/entitlements/flag").status == 204
    subscribed = ask(app, "DELETE", "/api/v1/customers/acme")
    assert (subscribed.status, "still have active subscriptions" in subscribed.json["detail"]) == (400, True)
    _end(app, subscription)
    assert ask(app, "DELETE", "/api/v1/customers/acme").status == 204


def test_a_subscription_to_come_forbids_nothing(app: Application, customer: str) -> None:
    _subscribe(app, timing="2090-01-01T00:00:00Z")
    assert "subscriptions" not in ask(app, "GET", f"/api/v1/customers/{customer}").json
    assert _replace(app, usageAttribution={"subjectKeys": ["z"]}).status == 200
    assert ask(app, "DELETE", "/api/v1/customers/acme").status == 204


def test_the_list_of_subscriptions_filters_sorts_and_pages(app: Application, customer: str) -> None:
    _end(app, _subscribe(app, name="First"))
    _subscribe(app, name="Second", timing="2090-01-01T00:00:00Z")
    assert customer
    assert _names(app) == ["Second", "First"]
    assert _names(app, "order=ASC") == ["First", "Second"]
    assert _names(app, "orderBy=activeTo&order=ASC") == ["First", "Second"]
    assert _names(app, "orderBy=activeTo") == ["Second", "First"]
    assert _names(app, "status=scheduled") == ["Second"]
    assert _names(app, "status=inactive&status=scheduled") == ["Second", "First"]
    assert _names(app, "status=active") == []
    assert _names(app, "page=2&pageSize=1") == ["First"]
    whole, paged = _subscriptions(app), _subscriptions(app, "page=1")
    assert (whole["page"], whole["pageSize"], whole["totalCount"]) == (0, 0, 2)
    assert (paged["page"], paged["pageSize"], paged["totalCount"]) == (1, 100, 2)
