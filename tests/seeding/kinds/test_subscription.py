"""Subscriptions and grants of a pack, on a real server."""

from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, InputError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]


def text(mark: str, subscription: str = "plan: {key: MARK_a}", price: str = "10") -> str:
    card = "{type: flat_fee, key: fee, name: Fee, billingCadence: P1M, price: {type: flat, amount: 'PRICE'}}"
    source = f"""
version: 1
subscriptions: [{{customerKey: MARK, {subscription}}}]
planAddons: [{{planKey: MARK_a, addonKey: MARK, fromPlanPhase: paid}}]
plans:
  - key: MARK_a
    name: Plan A
    currency: USD
    billingCadence: P1M
    phases:
      - {{key: trial, name: Trial, duration: P1M, rateCards: [{{type: flat_fee, key: setup, name: Setup}}]}}
      - {{key: paid, name: Paid, rateCards: [{card}]}}
  - key: MARK_b
    name: Plan B
    currency: USD
    billingCadence: P1M
    phases:
      - key: only
        name: Only
        rateCards:
          - {{type: flat_fee, key: MARK, name: On, featureKey: MARK, entitlementTemplate: {{type: boolean}}}}
addons: [{{key: MARK, name: Add-on, instanceType: single, currency: USD, rateCards: [{card}]}}]
customers: [{{key: MARK, name: Name}}]
features: [{{key: MARK, name: Feature}}]
"""
    return source.replace("MARK", mark).replace("PRICE", price)


def apply_text(client: OpenMeter, tmp_path: Path, source: str, *, recreate: bool = False) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source), recreate=recreate))


def change_of(client: OpenMeter, tmp_path: Path, source: str) -> Any:
    (change,) = [each for each in plan(client, pack_of(tmp_path, source)) if each.kind.NAME == "subscription"]
    return change


def subscriptions(client: OpenMeter, mark: str) -> list[dict[str, Any]]:
    """The newest first."""
    found = client.call("listCustomerSubscriptions", path={"customerIdOrKey": mark})["items"]
    return sorted(found, key=lambda each: str(each["createdAt"]), reverse=True)


def test_it_comes_after_the_plan_is_published_and_a_second_time_nothing_changes(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    whole = "plan: {key: MARK_a}, name: Named, description: Words., metadata: {a: b}, startingPhase: paid, "
    whole += "billingAnchor: 2026-01-01T01:00:00+01:00, timing: immediate"
    assert apply_text(client, tmp_path, text(mark, whole)) == {"create"}
    (made,) = subscriptions(client, mark)
    assert (made["status"], made["name"], made["plan"]["key"]) == ("active", "Named", f"{mark}_a")
    assert (made["metadata"], made["billingAnchor"]) == ({"a": "b"}, "2026-01-01T00:00:00Z")
    assert apply_text(client, tmp_path, text(mark, whole)) == {"unchanged"}
    assert len(subscriptions(client, mark)) == 1


def test_another_plan_changes_it_at_once(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    other = text(mark, "plan: {key: MARK_b}, name: Other")
    change = change_of(client, tmp_path, other)
    assert (change.action, [str(each) for each in change.differences]) == (
        "update",
        [f"plan.key: {mark}_a → {mark}_b"],
    )
    assert apply_text(client, tmp_path, other) == {"unchanged", "update"}
    new, old = subscriptions(client, mark)
    assert (new["status"], new["plan"]["key"], new["name"]) == ("active", f"{mark}_b", "Other")
    assert old["status"] == "inactive"
    assert apply_text(client, tmp_path, other) == {"unchanged"}


def test_a_next_version_of_its_plan_leaves_it_where_it_is(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    apply_text(client, tmp_path, text(mark, price="11"))
    assert apply_text(client, tmp_path, text(mark, price="11")) == {"unchanged"}
    (there,) = subscriptions(client, mark)
    assert there["plan"]["version"] == 1


def test_a_name_that_differs_is_refused_and_recreating_begins_anew(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    apply_text(client, tmp_path, text(mark))
    named = text(mark, "plan: {key: MARK_a}, name: Named")
    with pytest.raises(DevkitError, match=f"cannot change name of the subscription '{mark}'") as caught:
        apply_text(client, tmp_path, named)
    assert "--recreate" in (caught.value.hint or "")
    assert apply_text(client, tmp_path, named, recreate=True) == {"unchanged", "recreate"}
    new, old = subscriptions(client, mark)
    assert (new["status"], new["name"], old["status"]) == ("active", "Named", "inactive")


def test_one_that_was_canceled_counts_until_it_ends(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    path = {"subscriptionId": subscriptions(client, mark)[0]["id"]}
    client.call("cancelSubscription", path=path, body={"timing": "next_billing_cycle"})
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged"}
    assert apply_text(client, tmp_path, text(mark, "plan: {key: MARK_b}")) == {"unchanged", "update"}
    assert [each["status"] for each in subscriptions(client, mark)] == ["active", "inactive"]
    path = {"subscriptionId": subscriptions(client, mark)[0]["id"]}
    client.call("cancelSubscription", path=path, body={})
    assert change_of(client, tmp_path, text(mark)).action == "create"


def test_one_to_come_is_moved(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    later = text(mark, "plan: {key: MARK_a}, timing: 2090-01-01T00:00:00Z")
    apply_text(client, tmp_path, later)
    (made,) = subscriptions(client, mark)
    assert (made["status"], made["activeFrom"]) == ("scheduled", "2090-01-01T00:00:00Z")
    assert apply_text(client, tmp_path, later) == {"unchanged"}
    moved = text(mark, "plan: {key: MARK_a}, timing: 2091-01-01T00:00:00Z")
    assert change_of(client, tmp_path, moved).action == "update"
    apply_text(client, tmp_path, moved)
    assert [each["activeFrom"] for each in subscriptions(client, mark)] == ["2091-01-01T00:00:00Z"]


def test_a_plan_that_is_nowhere_is_told_before_anything_is_written(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    with pytest.raises(InputError) as caught:
        apply_text(client, tmp_path, text(mark, "plan: {key: MARK_c}"))
    assert f"p.yaml:3:58: subscriptions[0].plan.key: there is no plan '{mark}_c'" in caught.value.message
    assert f"did you mean '{mark}_" in (caught.value.hint or "")
    assert client.call("listFeatures", query={"page": 1, "meterSlug": [mark]})["totalCount"] == 0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("plan: {key: xx_a}", "plan: {key: xx_a, version: 2}", "OpenMeter takes the active version"),
        ("plan: {key: xx_a}", "planKey: xx_a", "unknown key (plan: {key: ...})"),
        ("plan: {key: xx_a}", "plan: {key: xx_a}, startingPhase: payd", "no phase 'payd' (did you mean 'paid'?)"),
        ("plan: {key: xx_a}", "plan: {key: xx_a}, timing: next", "timing: 'next' is no time such as"),
        ("key: xx, name: Name}", "key: xx, name: Name, currency: EUR}", "the customer pays in EUR"),
        (
            "plan: {key: xx_a}}]",
            "plan: {key: xx_b}}]\nentitlements: [{customerKey: xx, featureKey: xx, type: boolean}]",
            "p.yaml:4:46: entitlements[0].featureKey: the customer gets 'xx' by the plan 'xx_b' already",
        ),
        (
            "subscriptions: [",
            "subscriptions: [{customerKey: xx, plan: {key: xx_a}}, ",
            "subscriptions[1].customerKey: a second subscription 'xx'; the first is in line 3",
        ),
    ],
)
def test_what_openmeter_would_refuse_is_told_before(tmp_path: Path, old: str, new: str, expected: str) -> None:
    source = text("xx")
    assert old in source
    assert expected in "\n".join(problems_of(tmp_path, source.replace(old, new, 1)))
