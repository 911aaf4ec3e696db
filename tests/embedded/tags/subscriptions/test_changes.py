"""Subscriptions that give way to other ones."""

from tests.embedded.domain.catalog.examples import flat, phase
from tests.embedded.tags.subscriptions.scene import SUBSCRIPTIONS, Scene

CUSTOM = {"name": "Hand made", "currency": "USD", "billingCadence": "P1M", "phases": [phase(flat(), key="only")]}


def test_a_change_at_once(scene: Scene) -> None:
    made = scene.subscribed()
    scene.wait(days=3)
    changed = scene.act(made, "change", timing="immediate", plan={"key": "ramp"})
    current, following = changed["current"], changed["next"]
    assert (current["status"], following["status"], "plan" in current) == ("inactive", "active", False)
    assert (current["activeTo"], following["billingAnchor"]) == (following["activeFrom"], made["billingAnchor"])
    assert current["annotations"] == {"subscription.superseding.id": following["id"]}
    assert following["annotations"] == {"subscription.previous.id": made["id"]}
    assert [found["key"] for found in following["phases"]] == ["trial", "main"]
    assert scene.read(made)["plan"]["key"] == "pro"
    assert scene.tried(made, "restore") == (403, "forbidden error: transition delete in state active not allowed")


def test_a_change_with_the_next_billing_cycle_is_taken_back(scene: Scene) -> None:
    made = scene.subscribed()
    changed = scene.act(made, "change", timing="next_billing_cycle", customPlan=CUSTOM)
    assert (changed["current"]["status"], changed["next"]["status"]) == ("canceled", "scheduled")
    scene.done("DELETE", f"{SUBSCRIPTIONS}/{changed['next']['id']}")
    assert "annotations" not in scene.read(made)
    assert scene.act(made, "unschedule-cancelation")["status"] == "active"


def test_what_cannot_begin_does_not_end_the_other_one(scene: Scene) -> None:
    made = scene.subscribed()
    before = scene.read(made)
    euro = CUSTOM | {"currency": "EUR"}
    assert scene.tried(made, "change", timing="immediate", customPlan=euro)[0] == 400
    assert scene.tried(made, "change", timing="immediate", plan={"key": "pro", "version": 9}) == (
        404,
        "not found error: plan pro with version 9 not found",
    )
    assert scene.read(made) == before


def test_a_migration_to_the_next_version(scene: Scene) -> None:
    made = scene.subscribed(name="Acme studio", metadata={"crm": "44"})
    words = f"validation error: subscription {made['id']} is already at version 1, cannot migrate to version 0"
    assert scene.tried(made, "migrate") == (400, words)
    draft = scene.done("POST", "/api/v1/plans/pro/next")
    status, detail = scene.tried(made, "migrate", targetVersion=2)
    assert (status, "plan pro@2 is not active or archived at 2026-01-31 12:30:" in detail) == (400, True)
    scene.done("POST", f"/api/v1/plans/{draft['id']}/publish")
    migrated = scene.act(made, "migrate")
    following = migrated["next"]
    assert (following["plan"]["version"], following["name"], following["metadata"]) == (2, "Acme studio", {"crm": "44"})
    assert scene.tried(made, "migrate", targetVersion=2) == (
        403,
        "forbidden error: transition cancel in state inactive not allowed",
    )
    assert scene.value()["balance"] == 100


def test_a_custom_subscription_has_nothing_to_migrate_to(scene: Scene) -> None:
    made = scene.subscribed(customPlan=CUSTOM)
    words = f"validation error: subscription {made['id']} has no plan, cannot be migrated"
    assert scene.tried(made, "migrate") == (400, words)


def test_a_change_to_an_archived_version_is_refused(scene: Scene) -> None:
    made = scene.subscribed()
    scene.done("POST", f"/api/v1/plans/{made['plan']['id']}/archive")
    status, detail = scene.tried(made, "change", timing="immediate", plan={"key": "pro", "version": 1})
    assert (status, "plan pro@1 is not active at" in detail) == (400, True)
