"""Add-ons of subscriptions over HTTP."""

from typing import Any

import pytest

from tests.embedded.domain.catalog.examples import Body, addon, flat, phase, plan, usage
from tests.embedded.tags.subscriptions.scene import GRANT, SUBSCRIPTIONS, Scene

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def seats(scene: Scene) -> Any:
    """An add-on of the plan `team`, three at most, from its second phase on."""
    cards = [flat(price={"type": "flat", "amount": "2.50"}), usage(price=None, entitlementTemplate=GRANT)]
    made = scene.published(addon(*cards, key="seats", name="Seats", instanceType="multiple"), "addons")
    first = phase(flat(), key="trial", duration="P1M")
    main = phase(flat(), usage(price=None, entitlementTemplate=GRANT))
    team = scene.done("POST", "/api/v1/plans", plan(first, main, key="team"))
    scene.done(
        "POST",
        f"/api/v1/plans/{team['id']}/addons",
        {"addonId": made["id"], "fromPlanPhase": "main", "maxQuantity": 3},
    )
    scene.done("POST", f"/api/v1/plans/{team['id']}/publish")
    return made


def bought(scene: Scene, subscription: Body, of: Body, quantity: int = 1, timing: str = "immediate") -> Any:
    body = {"name": "ignored", "quantity": quantity, "timing": timing, "addon": {"id": of["id"]}}
    answer = scene.send("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/addons", body)
    return answer.json if answer.status == 200 else (answer.status, answer.json.get("detail"))


def amounts(scene: Scene, subscription: Body) -> list[str]:
    return [item["price"]["amount"] for item in scene.read(subscription)["phases"][1]["itemTimelines"]["fee"]]


def test_the_life_of_an_add_on(scene: Scene, seats: Any) -> None:
    made = scene.subscribed(plan={"key": "team"}, startingPhase="main")
    path = f"{SUBSCRIPTIONS}/{made['id']}/addons"
    assert scene.done("GET", path) == []
    scene.wait(days=1)
    first = bought(scene, made, seats, 2)
    assert (first["name"], first["quantity"], first["addon"]["key"]) == ("Seats", 2, "seats")
    assert first["timeline"] == [{"activeFrom": first["activeFrom"], "quantity": 2}]
    assert amounts(scene, made) == ["10", "15"]
    assert scene.value()["balance"] == 300
    affected = [card["affectedSubscriptionItemIds"] for card in first["rateCards"]]
    timelines = scene.read(made)["phases"][1]["itemTimelines"]
    assert affected == [[timelines["fee"][1]["id"]], [timelines["calls"][1]["id"]]]

    scene.wait(days=1)
    changed = scene.done("PATCH", f"{path}/{first['id']}", {"quantity": 3, "timing": "immediate"})
    assert [entry["quantity"] for entry in changed["timeline"]] == [2, 3]
    assert (amounts(scene, made), scene.value()["balance"]) == (["10", "15", "17.5"], 400)
    scene.wait(days=1)
    assert bought(scene, made, seats, 0)["quantity"] == 0
    assert (amounts(scene, made), scene.value()["balance"]) == (["10", "15", "17.5", "10"], 100)
    (listed,) = scene.done("GET", path)
    assert listed["id"] == scene.done("GET", f"{path}/{first['id']}")["id"] == first["id"]
    answer = scene.edit(made, {"op": "unschedule_edit"})
    assert (answer.status, answer.json["detail"]) == (403, "forbidden error: subscription with addons cannot be edited")


def test_an_add_on_for_later(scene: Scene, seats: Any) -> None:
    made = scene.subscribed(plan={"key": "team"}, startingPhase="main")
    later = bought(scene, made, seats, 1, "next_billing_cycle")
    assert (later["quantity"], later["activeFrom"][:10]) == (0, "2026-02-28")
    assert scene.value()["balance"] == 100
    scene.wait(days=40)
    assert scene.done("GET", f"{SUBSCRIPTIONS}/{made['id']}/addons")[0]["quantity"] == 1
    assert scene.value()["balance"] == 200


def test_a_canceled_subscription_refuses_even_what_was_to_change_after_its_end(scene: Scene, seats: Any) -> None:
    made = scene.subscribed(plan={"key": "team"}, startingPhase="main")
    bought(scene, made, seats)
    bought(scene, made, seats, 2, "2026-06-01T00:00:00Z")
    scene.act(made, "cancel", timing="next_billing_cycle")
    assert bought(scene, made, seats, 3)[0] == 403


def test_what_an_add_on_is_refused_for(scene: Scene, seats: Any) -> None:
    trial = scene.subscribed(plan={"key": "team"})
    words = "validation error: addon seats@1 can be only added starting with phase main, current phase is trial"
    assert bought(scene, trial, seats) == (400, words)
    assert bought(scene, trial, seats, 4, "2026-04-01T00:00:00Z") == (
        400,
        "validation error: addon seats@1 can be added a maximum of 3 times",
    )
    assert bought(scene, trial, seats, 0) == (400, "validation error: initialQuantity must be greater than 0")
    assert bought(scene, trial, seats, 1, "2025-01-01T00:00:00Z") == (
        400,
        "validation error: subscription is not active at the time of adding the addon",
    )
    assert bought(scene, trial, {"id": UNKNOWN}) == (
        404,
        f"not found error: add-on not found. [namespace=default id={UNKNOWN}]",
    )
    assert bought(scene, trial, seats, 1, "2026-02-30T00:00:00Z") == (
        400,
        "validation error: invalid timing for adding add-on: invalid change timing: 2026-02-30T00:00:00Z",
    )
    scene.act(trial, "cancel")
    other = scene.subscribed()
    assert bought(scene, other, seats) == (400, "validation error: addon seats@1 is not linked to the plan pro@1")
    scene.act(other, "cancel", timing="next_billing_cycle")


def test_what_a_quantity_is_refused_for(scene: Scene, seats: Any) -> None:
    made = scene.subscribed(plan={"key": "team"}, startingPhase="main")
    one = bought(scene, made, seats)
    path = f"{SUBSCRIPTIONS}/{made['id']}/addons"

    def patched(id_: str, **body: Any) -> tuple[int, Any]:
        answer = scene.send("PATCH", f"{path}/{id_}", body)
        return answer.status, answer.json.get("detail")

    assert patched(one["id"], quantity=2) == (500, None)
    assert patched(one["id"], timing="immediate") == (500, None)
    unknown = f"not found error: subscription addon {UNKNOWN} not found"
    assert patched(UNKNOWN, quantity=2, timing="immediate") == (404, unknown)
    assert patched(one["id"], quantity=4, timing="immediate")[0] == 400
    scene.act(made, "cancel", timing="next_billing_cycle")
    assert patched(one["id"], quantity=2, timing="immediate") == (
        403,
        "forbidden error: transition update in state canceled not allowed",
    )
    assert len(scene.done("GET", path)[0]["timeline"]) == 1
