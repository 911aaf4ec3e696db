"""Edits of running subscriptions, all or nothing."""

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.embedded.domain.instants import instant
from tests.embedded.domain.catalog.examples import Body, flat, usage
from tests.embedded.tags.subscriptions.scene import GRANT, Scene


def add(card: Body, phase_key: str = "main") -> Body:
    return {"op": "add_item", "phaseKey": phase_key, "rateCard": card}


def remove(key: str, phase_key: str = "main") -> Body:
    return {"op": "remove_item", "phaseKey": phase_key, "itemKey": key}


def timelines(scene: Scene, made: Body, number: int = 0) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = scene.read(made)["phases"][number]["itemTimelines"]
    return found


def test_an_item_takes_over_and_only_what_changes_becomes_another(scene: Scene) -> None:
    made = scene.subscribed()
    before = timelines(scene, made)
    scene.wait(days=1)
    assert scene.edit(made, add(flat(price={"type": "flat", "amount": "12.50"}))).status == 200
    after = timelines(scene, made)
    ended, begun = after["fee"]
    assert (ended["activeTo"], ended["price"]["amount"], begun["price"]["amount"]) == (
        begun["activeFrom"],
        "10",
        "12.5",
    )
    assert ended["id"] != before["fee"][0]["id"]
    assert after["calls"] == before["calls"]


def test_an_entitlement_follows_its_item(scene: Scene) -> None:
    made = scene.subscribed()
    scene.wait(days=1)
    scene.edit(made, add(usage(price=None, entitlementTemplate=GRANT | {"issueAfterReset": 250})))
    old, new = (item["included"]["entitlement"] for item in timelines(scene, made)["calls"])
    assert (old["activeTo"], new["issueAfterReset"]) == (new["activeFrom"], 250)
    assert scene.value()["balance"] == 250
    scene.edit(made, remove("calls"))
    assert scene.value() == {"hasAccess": False}


def test_an_edit_with_the_next_billing_cycle(scene: Scene) -> None:
    made = scene.subscribed()
    end = scene.read(made)["alignment"]["currentAlignedBillingPeriod"]["to"]
    scene.edit(made, remove("fee"), timing="next_billing_cycle")
    (fee,) = timelines(scene, made)["fee"]
    assert fee["activeTo"] == end
    assert scene.edit(made, {"op": "unschedule_edit"}).status == 200
    assert "activeTo" not in timelines(scene, made)["fee"][0]


def test_a_phase_comes_with_its_items(scene: Scene) -> None:
    made = scene.subscribed()
    promo = {"op": "add_phase", "phase": {"key": "promo", "name": "Promo", "startAfter": "P2M", "description": "Soon"}}
    assert scene.edit(made, promo).status == 400
    assert scene.edit(made, promo, add(flat("gift"), "promo")).status == 200
    main, later = scene.read(made)["phases"]
    assert (main["activeTo"], later["key"], later["description"]) == (later["activeFrom"], "promo", "Soon")
    assert later["activeFrom"][:10] == "2026-03-31"
    assert timelines(scene, made)["calls"][0]["included"]["entitlement"]["activeTo"] == later["activeFrom"]


def test_a_refused_edit_changes_nothing(scene: Scene) -> None:
    made = scene.subscribed()
    before = scene.read(made)
    weekly = add(flat("extra", billingCadence="P1W"))
    answer = scene.edit(made, remove("fee"), add(flat("gift")), weekly)
    assert answer.status == 400
    assert [issue["code"] for issue in answer.json["extensions"]["validationErrors"]] == [
        "rate_card_billing_cadence_unaligned"
    ]
    perk = flat("none", featureKey="none", price=None, entitlementTemplate={"type": "boolean"})
    assert scene.edit(made, remove("calls"), add(perk)).json["detail"] == "feature not found: none"
    assert scene.read(made) == before


def test_when_an_edit_is_possible(scene: Scene) -> None:
    made = scene.subscribed(plan={"key": "ramp"})
    late = scene.edit(made, remove("setup", "trial"), timing="next_billing_cycle")
    assert late.json["detail"].endswith("cannot edit to the next billing cycle as it falls into a different phase")
    custom = scene.edit(made, remove("setup", "trial"), timing="2026-02-05T00:00:00Z")
    assert custom.json["detail"].endswith("cannot edit running subscription with custom timing")
    never = scene.edit(made, remove("setup", "trial"), timing="2026-02-30T00:00:00Z")
    assert never.json["detail"] == "validation error: invalid timing: invalid change timing: 2026-02-30T00:00:00Z"
    scene.act(made, "cancel", timing="next_billing_cycle")
    canceled = scene.edit(made, remove("setup", "trial"))
    assert canceled.json["detail"] == "forbidden error: transition update in state canceled not allowed"


CARDS = st.sampled_from(["fee", "gift", "perk"])
OPERATIONS = st.one_of(
    CARDS.map(
        lambda key: add(
            flat("perk", featureKey="perk", price=None, entitlementTemplate={"type": "boolean"})
            if key == "perk"
            else flat(key)
        )
    ),
    CARDS.map(remove),
    st.just({"op": "unschedule_edit"}),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.lists(OPERATIONS, min_size=1, max_size=3), st.booleans(), st.integers(1, 20)),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_is_edited_each_item_has_one_version_at_a_time(
    scene: Scene, edits: list[tuple[list[Body], bool, int]]
) -> None:
    made = scene.subscribed()
    for operations, at_once, days in edits:
        scene.wait(days=days)
        scene.edit(made, *operations, timing="immediate" if at_once else "next_billing_cycle")
        for versions in timelines(scene, made).values():
            for before, after in pairwise(versions):
                assert instant(before["activeTo"]) <= instant(after["activeFrom"])
            for item in versions:
                entitlement = item["included"].get("entitlement") if "included" in item else None
                if entitlement is not None:
                    assert [entitlement.get(name) for name in ("activeFrom", "activeTo")] == [
                        item.get(name) for name in ("activeFrom", "activeTo")
                    ]
    scene.act(made, "cancel")
