"""Entitlements as other areas make and end them: scheduled, superseded, managed by a subscription."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.entitlement_inputs import EntitlementInput
from devkit.embedded.domain.entitlements import check_unmanaged
from devkit.embedded.domain.errors import Forbidden, Invalid, IssuesFound, Plain
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.recurrences import Recurrence
from devkit.embedded.store.entitlements import (
    active_entitlements_of_customer,
    entitlement_in_force,
    find_entitlement,
)
from devkit.embedded.store.grants import grants_of_entitlement
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.balances import balance_at
from devkit.embedded.workflows.entitling import (
    create_entitlement,
    delete_entitlement,
    end_entitlement,
    override_entitlement,
    supersede_entitlement,
)
from tests.embedded.tags.entitlements.scene import open_scene

HOUR = timedelta(hours=1)
FLAG = EntitlementInput("boolean", feature_key="flag")


@pytest.fixture
def customer(store: Store) -> dict[str, Any]:
    scene = open_scene(build_app(store))
    found: dict[str, Any] = scene.get("/api/v1/customers/acme").json
    return found


def metered(anchor: datetime, **others: Any) -> EntitlementInput:
    return EntitlementInput(
        "metered",
        feature_key="calls",
        usage_period=Recurrence(parse("P1M"), anchor),
        measure_usage_from=anchor,
        issue_after_reset=10.0,
        **others,
    )


def test_entitlements_may_follow_each_other_but_not_overlap(store: Store, customer: dict[str, Any]) -> None:
    now = store.now()
    first = create_entitlement(store, customer, replace(FLAG, active_from=now, active_to=now + HOUR))
    second = create_entitlement(store, customer, replace(FLAG, active_from=now + HOUR, active_to=now + 2 * HOUR))
    with pytest.raises(Plain) as refused:
        create_entitlement(store, customer, replace(FLAG, active_from=now + HOUR / 2, active_to=now + HOUR))
    assert refused.value.extensions == {"conflictingEntityId": first["id"]}
    with pytest.raises(Plain) as refused:
        create_entitlement(store, customer, replace(FLAG, active_from=now + HOUR))
    assert refused.value.extensions == {"conflictingEntityId": second["id"]}
    never = create_entitlement(store, customer, replace(FLAG, active_from=now, active_to=now))
    assert active_entitlements_of_customer(store, customer["id"]) == [first]
    assert entitlement_in_force(store, customer["id"], "flag", now + HOUR) == second
    assert never["activeFrom"] == never["activeTo"]


def test_an_activity_has_a_start_before_its_end(store: Store, customer: dict[str, Any]) -> None:
    now = store.now()
    with pytest.raises(Invalid, match="ActiveTo cannot be before ActiveFrom"):
        create_entitlement(store, customer, replace(FLAG, active_from=now, active_to=now - HOUR))
    with pytest.raises(Invalid, match="ActiveFrom must be set"):
        create_entitlement(store, customer, replace(FLAG, active_to=now + HOUR))


def test_a_scheduled_metered_entitlement_has_its_grant_from_its_start(store: Store, customer: dict[str, Any]) -> None:
    start = instant("2999-01-15T00:00:00Z")
    made = create_entitlement(store, customer, metered(start, active_from=start))
    (grant,) = grants_of_entitlement(store, made["id"])
    assert (grant["effectiveAt"], grant["amount"]) == ("2999-01-15T00:00:00Z", 10)
    assert active_entitlements_of_customer(store, customer["id"]) == []
    assert balance_at(store, made, start + HOUR).balance == 10


def test_superseding_ends_the_old_one_where_the_new_one_begins(store: Store, customer: dict[str, Any]) -> None:
    old = create_entitlement(store, customer, FLAG)
    later = store.now() + HOUR
    new = supersede_entitlement(store, old, customer, replace(FLAG, active_from=later))
    ended = find_entitlement(store, old["id"])
    assert ended is not None
    assert ended["activeTo"] == new["activeFrom"] == text_of(later)


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (EntitlementInput("boolean"), "feature ID or Key is required"),
        (replace(FLAG, feature_key="calls"), "old and new entitlements belong to different features"),
        (
            replace(FLAG, active_from=instant("2020-01-01T00:00:00Z")),
            "new entitlement must be active after the old one",
        ),
    ],
)
def test_what_cannot_supersede(store: Store, customer: dict[str, Any], wanted: EntitlementInput, problem: str) -> None:
    old = create_entitlement(store, customer, FLAG)
    with pytest.raises(Invalid, match=problem):
        supersede_entitlement(store, old, customer, wanted)


def test_the_entitlement_of_another_customer_is_not_superseded(store: Store, customer: dict[str, Any]) -> None:
    old = create_entitlement(store, customer, FLAG)
    with pytest.raises(Invalid, match="different customers"):
        supersede_entitlement(store, old, {**customer, "id": "other"}, FLAG)


def test_an_ended_entitlement_stays_readable(store: Store, customer: dict[str, Any]) -> None:
    made = create_entitlement(store, customer, FLAG)
    ended = end_entitlement(store, made, store.now())
    assert find_entitlement(store, made["id"]) == ended
    assert active_entitlements_of_customer(store, customer["id"]) == []
    create_entitlement(store, customer, FLAG)


def test_a_deleted_entitlement_takes_its_grants_along(store: Store, customer: dict[str, Any]) -> None:
    made = create_entitlement(store, customer, metered(instant("2026-01-01T00:00:00Z")))
    delete_entitlement(store, made)
    assert find_entitlement(store, made["id"]) is None
    assert grants_of_entitlement(store, made["id"]) == []
    (gone,) = grants_of_entitlement(store, made["id"], deleted=True)
    assert "deletedAt" in gone


def test_what_a_subscription_manages_is_left_alone_with_its_grants(store: Store, customer: dict[str, Any]) -> None:
    managed = metered(instant("2026-01-01T00:00:00Z"), annotations={"subscription.id": "s"})
    made = create_entitlement(store, customer, managed)
    with pytest.raises(Forbidden):
        check_unmanaged(made)
    with pytest.raises(Forbidden):
        override_entitlement(store, made, customer, managed)
    assert len(grants_of_entitlement(store, made["id"])) == 1


def test_only_metered_entitlements_come_with_grants(store: Store, customer: dict[str, Any]) -> None:
    with pytest.raises(IssuesFound, match="only supported for metered"):
        create_entitlement(store, customer, FLAG, [{"amount": 1, "effectiveAt": "2026-01-01T00:00:00Z"}])
