"""Subscriptions begin, run through their phases, and end."""

from typing import Any

import pytest

from tests.embedded.domain.catalog.examples import flat, phase, plan, usage
from tests.embedded.tags.subscriptions.scene import SUBSCRIPTIONS, Scene

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
CUSTOM = {"name": "Hand made", "currency": "USD", "billingCadence": "P1M", "phases": [phase(flat(), key="only")]}


def spans(items: list[Any]) -> list[tuple[str, str | None]]:
    return [(item["activeFrom"], item.get("activeTo")) for item in items]


def test_a_subscription_to_a_plan(scene: Scene) -> None:
    made = scene.subscribed(description="", metadata={"crm": "44"})
    assert (made["status"], made["name"], made["description"], made["metadata"]) == ("active", "Pro", "", {"crm": "44"})
    assert (made["billingAnchor"], made["plan"]["key"]) == (made["activeFrom"], "pro")
    assert "phases" not in made

    read = scene.read(made)
    assert {name: read[name] for name in made if name != "alignment"} == {
        name: made[name] for name in made if name != "alignment"
    }
    period = read["alignment"]["currentAlignedBillingPeriod"]
    assert (period["from"], period["to"][:10]) == (made["activeFrom"], "2026-02-28")
    (only,) = read["phases"]
    assert sorted(item["key"] for item in only["items"]) == ["calls", "fee"]
    (calls,) = only["itemTimelines"]["calls"]
    entitlement = calls["included"]["entitlement"]
    assert (entitlement["issueAfterReset"], entitlement["activeFrom"]) == (100, made["activeFrom"])
    assert entitlement["annotations"] == {"subscription.id": made["id"]}
    assert entitlement["usagePeriod"]["anchor"] == "2026-01-31T12:30:00Z"
    assert scene.value()["balance"] == 100


def test_phases_pass_with_the_clock(scene: Scene) -> None:
    made = scene.subscribed(plan={"key": "ramp"})
    trial, main = scene.read(made)["phases"]
    assert (trial["activeTo"], main["activeFrom"][:10]) == (main["activeFrom"], "2026-02-28")
    assert [[item["key"] for item in found["items"]] for found in (trial, main)] == [["setup"], ["fee"]]
    scene.wait(days=40)
    period = scene.read(made)["alignment"]["currentAlignedBillingPeriod"]
    assert (period["from"][:10], period["to"][:10]) == ("2026-02-28", "2026-03-31")


def test_a_phase_can_be_skipped(scene: Scene) -> None:
    made = scene.subscribed(plan={"key": "ramp"}, startingPhase="main")
    trial, main = scene.read(made)["phases"]
    assert (trial["activeFrom"], trial["activeTo"], main["activeFrom"]) == (made["activeFrom"],) * 3
    answer = scene.send(
        "POST", SUBSCRIPTIONS, {"customerKey": "acme", "plan": {"key": "ramp"}, "startingPhase": "prime"}
    )
    assert answer.json["detail"] == "validation error: starting phase prime not found in plan ramp@1"


def test_a_scheduled_one_becomes_active_and_can_be_deleted_before(scene: Scene) -> None:
    made = scene.subscribed(timing="2026-03-01T00:00:00+01:00")
    assert (made["status"], made["activeFrom"]) == ("scheduled", "2026-02-28T23:00:00Z")
    assert "currentAlignedBillingPeriod" not in scene.read(made)["alignment"]
    assert scene.value() == {"hasAccess": False}
    assert scene.tried(made, "cancel") == (403, "forbidden error: transition cancel in state scheduled not allowed")
    scene.done("DELETE", f"{SUBSCRIPTIONS}/{made['id']}")
    assert scene.send("GET", f"{SUBSCRIPTIONS}/{made['id']}").status == 404

    again = scene.subscribed(timing="2026-03-01T00:00:00Z")
    scene.wait(days=40)
    assert scene.read(again)["status"] == "active"
    assert scene.value()["hasAccess"] is True
    assert scene.send("DELETE", f"{SUBSCRIPTIONS}/{again['id']}").status == 403


def test_a_plan_of_the_customers_own(scene: Scene) -> None:
    made = scene.subscribed(customPlan=CUSTOM, billingAnchor="2026-01-15T09:30:00Z")
    assert "plan" not in made
    assert (made["name"], made["billingAnchor"]) == ("Hand made", "2026-01-15T09:30:00Z")
    assert scene.read(made)["alignment"]["currentAlignedBillingPeriod"]["to"] == "2026-02-15T09:30:00Z"


def test_a_subscription_ends_with_its_billing_period_and_may_go_on(scene: Scene) -> None:
    made = scene.subscribed()
    before = scene.read(made)["phases"][0]["itemTimelines"]
    canceled = scene.act(made, "cancel", timing="next_billing_cycle")
    assert (canceled["status"], canceled["activeTo"][:10]) == ("canceled", "2026-02-28")
    during = scene.read(made)["phases"][0]["itemTimelines"]
    assert during["calls"][0]["included"]["entitlement"]["activeTo"] == canceled["activeTo"]
    assert scene.tried(made, "cancel") == (403, "forbidden error: transition cancel in state canceled not allowed")

    resumed = scene.act(made, "unschedule-cancelation")
    assert (resumed["status"], "activeTo" in resumed) == ("active", False)
    after = scene.read(made)["phases"][0]["itemTimelines"]
    assert spans(after["fee"]) == spans(before["fee"])
    assert len({found["fee"][0]["id"] for found in (before, during, after)}) == 3

    scene.act(made, "cancel", timing="next_billing_cycle")
    scene.wait(days=30)
    assert scene.read(made)["status"] == "inactive"
    assert scene.value() == {"hasAccess": False}


def test_a_subscription_ends_at_once_or_between_two_billing_periods(scene: Scene) -> None:
    made = scene.subscribed()
    assert scene.tried(made, "cancel", timing="2026-03-15T00:00:00Z") == (
        400,
        "validation error: cannot cancel aligned subscription with custom misaligned timing",
    )
    scene.act(made, "cancel", timing=made["activeFrom"].replace("2026-01", "2026-03"))
    scene.act(made, "restore")
    ended = scene.act(made, "cancel")
    assert ended["status"] == "inactive"
    assert scene.tried(made, "unschedule-cancelation")[0] == 403
    assert scene.subscribed()["status"] == "active"


def test_a_customer_has_one_subscription_at_a_time(scene: Scene) -> None:
    made = scene.subscribed()
    answer = scene.send("POST", SUBSCRIPTIONS, {"customerId": scene.customer_id, "plan": {"key": "ramp"}})
    assert (answer.status, "detail" in answer.json) == (409, False)
    first, second = answer.json["extensions"]["validationErrors"]
    assert first["code"] == second["code"] == "only_single_subscription_allowed_per_customer_at_a_time"
    plan_id = made["plan"]["id"]
    assert first["field"].startswith(f"$.plans[?(@.key=='pro' && @.version=='1' && @.id=='{plan_id}')].subscriptions[")

    scene.act(made, "cancel", timing="next_billing_cycle")
    scheduled = scene.subscribed(timing=scene.read(made)["activeTo"])
    assert scene.tried(made, "unschedule-cancelation")[0] == 409
    assert scene.act(made, "restore")["status"] == "active"
    assert scene.send("GET", f"{SUBSCRIPTIONS}/{scheduled['id']}").status == 404


@pytest.mark.parametrize(
    ("changes", "status", "detail"),
    [
        ({"customerKey": None}, 400, "customer id or key is required"),
        ({"customerKey": "nobody"}, 404, "customer with key nobody not found in default namespace"),
        ({"customerId": UNKNOWN}, 404, f"customer with id {UNKNOWN} not found in default namespace"),
        ({"plan": {"key": "none"}}, 404, "plan none with version 0 not found"),
        ({"timing": "next_billing_cycle"}, 400, "unsupported enum value: next_billing_cycle"),
        ({"timing": "2025-01-01T00:00:00Z"}, 400, "cannot create subscription in the past"),
    ],
)
def test_a_subscription_is_refused(scene: Scene, changes: dict[str, Any], status: int, detail: str) -> None:
    body = {"customerKey": "acme", "plan": {"key": "pro"}} | changes
    answer = scene.send("POST", SUBSCRIPTIONS, {name: value for name, value in body.items() if value is not None})
    assert (answer.status, answer.json["detail"].partition(": ")[2]) == (status, detail)


@pytest.mark.parametrize(
    "body",
    [
        {"plan": {"key": "pro"}, "customPlan": {}},
        {"plan": {"key": "pro"}, "customPlan": 5},
        {"plan": {"key": "pro"}, "timing": "2040-02-30T00:00:00Z"},
        {"plan": {"key": "pro"}, "billingAnchor": "2040-02-30T00:00:00Z"},
        {"customPlan": CUSTOM | {"currency": "ABC"}},
        {"customPlan": CUSTOM | {"billingCadence": "monthly"}},
    ],
)
def test_what_openmeter_fails_on_fails_and_leaves_nothing(scene: Scene, body: Any) -> None:
    assert scene.send("POST", SUBSCRIPTIONS, {"customerKey": "acme", **body}).status == 500
    assert scene.done("GET", "/api/v1/customers/acme/subscriptions")["totalCount"] == 0


def test_the_issues_of_a_custom_plan_have_its_place(scene: Scene) -> None:
    cards = [flat("weekly", billingCadence="P1W"), flat("cheap", price={"type": "flat", "amount": "-1"})]
    named = {"customerKey": "acme", "customPlan": CUSTOM | {"phases": [phase(*cards, key="only")]}}
    answer = scene.send("POST", SUBSCRIPTIONS, named)
    assert [issue["field"] for issue in answer.json["extensions"]["validationErrors"]] == [
        "$.plan.phases[?(@.key=='only')].rateCards[?(@.key=='weekly')].billingCadence"
    ]
    named["customPlan"] = CUSTOM | {"phases": [phase(cards[1], cards[1], key="only")]}
    detail = scene.send("POST", SUBSCRIPTIONS, named).json["detail"]
    lead, card = "validation error: phases[key=only]: validation error: ", "ratecards[key=cheap]: "
    price = f"{card}{lead[:18] * 2}invalid price: price: validation error: the Amount must not be negative"
    assert detail.removeprefix(lead).split("\n") == [price, f"{card}duplicated key", price]


def test_entitlements_that_meet_are_told(scene: Scene) -> None:
    body = {"type": "boolean", "featureKey": "perk"}
    manual = scene.done("POST", "/api/v1/subjects/acme_user/entitlements", body)
    perk = flat("perk", featureKey="perk", price=None, entitlementTemplate={"type": "boolean"})
    named = {"customerKey": "acme", "customPlan": CUSTOM | {"phases": [phase(perk, key="only")]}}
    answer = scene.send("POST", SUBSCRIPTIONS, named)
    assert (answer.status, answer.json["extensions"]) == (409, {"conflictingEntityId": manual["id"]})
    missing = flat("none", featureKey="none", price=None, entitlementTemplate={"type": "boolean"})
    named["customPlan"] = CUSTOM | {"phases": [phase(missing, key="only")]}
    answer = scene.send("POST", SUBSCRIPTIONS, named)
    assert (answer.status, answer.json["detail"]) == (400, "feature not found: none")
    scene.done("DELETE", f"/api/v1/subjects/acme_user/entitlements/{manual['id']}")
    unmetered = usage("perk", price=None, entitlementTemplate={"type": "metered", "issueAfterReset": 1})
    named["customPlan"] = CUSTOM | {"phases": [phase(unmetered, key="only")]}
    answer = scene.send("POST", SUBSCRIPTIONS, named)
    assert (answer.status, answer.json["detail"].endswith("Feature has no meter")) == (400, True)


def test_what_is_priced_settles_the_currency(scene: Scene) -> None:
    made = scene.subscribed()
    assert scene.done("GET", "/api/v1/customers/acme")["currency"] == "USD"
    scene.act(made, "cancel")
    answer = scene.send("POST", SUBSCRIPTIONS, {"customerKey": "acme", "customPlan": CUSTOM | {"currency": "EUR"}})
    assert answer.json["detail"] == (
        "validation error: currency mismatch: customer currency is USD, but subscription currency is EUR"
    )
    free = CUSTOM | {"currency": "EUR", "phases": [phase(flat(price=None), key="only")]}
    assert scene.subscribed(customPlan=free)["currency"] == "EUR"


def test_what_a_subscription_forbids(scene: Scene) -> None:
    scene.published(plan(phase(flat(price=None)), key="free"))
    made = scene.subscribed(plan={"key": "free"})
    assert scene.send("DELETE", "/api/v1/customers/acme").status == 400
    assert [found["key"] for found in scene.done("GET", "/api/v1/customers?planKey=free")["items"]] == ["acme"]
    assert scene.done("GET", "/api/v1/customers?planKey=pro")["items"] == []
    scene.act(made, "cancel")

    made = scene.subscribed()
    item = scene.read(made)["phases"][0]["itemTimelines"]["calls"][0]
    path = f"/api/v1/subjects/acme_user/entitlements/{item['included']['entitlement']['id']}"
    answer = scene.send("DELETE", path)
    assert (answer.status, answer.json["detail"]) == (403, "forbidden error: entitlement is managed by subscription")
    assert scene.send("DELETE", "/api/v1/customers/acme").status == 409
    scene.act(made, "cancel")
    scene.done("DELETE", "/api/v1/customers/acme")
    assert scene.read(made)["status"] == "inactive"


def test_the_past_cannot_be_asked_for(scene: Scene) -> None:
    answer = scene.send("GET", f"{SUBSCRIPTIONS}/{UNKNOWN}?at=2026-01-01T00:00:00Z")
    assert (answer.status, answer.json["detail"]) == (501, "historical queries are not supported")


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"customizations": [{"op": "unschedule_edit"}]}),
        ("POST", "/cancel", {}),
        ("POST", "/change", {"timing": "immediate", "plan": {"key": "pro"}}),
        ("POST", "/migrate", {}),
        ("POST", "/restore", None),
        ("POST", "/unschedule-cancelation", None),
        ("GET", "/addons", None),
    ],
)
def test_an_unknown_subscription_is_not_found(scene: Scene, method: str, tail: str, body: Any) -> None:
    answer = scene.send(method, f"{SUBSCRIPTIONS}/{UNKNOWN}{tail}", body)
    assert (answer.status, answer.json["detail"]) == (404, f"not found error: subscription {UNKNOWN} not found")
