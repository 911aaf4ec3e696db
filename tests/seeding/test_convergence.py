"""Whatever a server held before, after a pack is applied it holds what the pack says."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of
from tests.seeding.test_plan import applied

AMOUNTS = st.sampled_from(["5", "6.50"])
METADATA = st.sampled_from([None, {"a": "b"}, {"a": "c", "d": "e"}, {}])


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@st.composite
def packs(draw: st.DrawFn) -> dict[str, Any]:
    """Two add-ons, two plans, which of them fit together, and who has what. MARK stands for the run."""
    card = {"type": "flat_fee", "key": "seat", "name": "Seat", "billingCadence": "P1M"}
    on = {"type": "flat_fee", "key": "MARK_on", "name": "On", "featureKey": "MARK_on"}
    template = draw(st.sampled_from([{"type": "boolean"}, {"type": "static", "config": '{"b": 1, "a": 2}'}]))

    def addon(key: str) -> dict[str, Any]:
        price = {"type": "flat", "amount": draw(AMOUNTS)}
        named = {"key": f"MARK_{key}", "name": draw(st.sampled_from(["One", "Two"])), "currency": "USD"}
        return _given(**named, instanceType="multiple", metadata=draw(METADATA), rateCards=[{**card, "price": price}])

    def plan_of(key: str) -> dict[str, Any]:
        price = {"type": "flat", "amount": draw(AMOUNTS), "paymentTerm": "in_advance"}
        cards = [{**card, "price": price}, *([{**on, "entitlementTemplate": template}] if draw(st.booleans()) else [])]
        phases = [{"key": "main", "name": "Main", "rateCards": cards}]
        if draw(st.booleans()):
            phases.insert(0, {"key": "trial", "name": "Trial", "duration": "P1M", "rateCards": [{**card}]})
        named = {"key": f"MARK_{key}", "name": "Plan", "currency": "USD", "billingCadence": "P1M"}
        return _given(**named, metadata=draw(METADATA), phases=phases)

    pairs = draw(st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"))))
    most = st.sampled_from([None, 3, 4])
    assigned = [
        _given(planKey=f"MARK_{one}", addonKey=f"MARK_{two}", fromPlanPhase="main", maxQuantity=draw(most))
        for one, two in sorted(pairs)
    ]
    return {
        "version": 1,
        "subscriptions": [{"customerKey": "MARK", "plan": {"key": f"MARK_{draw(st.sampled_from('ab'))}"}}],
        "planAddons": assigned,
        "plans": [plan_of("a"), plan_of("b")],
        "addons": [addon("x"), addon("y")],
        "features": [{"key": "MARK_on", "name": "On"}],
        "customers": [{"key": "MARK", "name": "Name"}],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@settings(max_examples=15)
@given(st.data())
def test_after_applying_nothing_differs_whatever_was_applied_before(
    embedded_url: str, folder: Path, data: st.DataObject
) -> None:
    mark = f"t{uuid4().hex[:12]}"
    with OpenMeter(embedded_url) as client:
        for wanted in data.draw(st.lists(packs(), min_size=2, max_size=4)):
            pack = pack_of(folder, yaml.safe_dump(wanted, sort_keys=False).replace("MARK", mark))
            applied(client, pack)
            assert {change.action for change in plan(client, pack)} == {"unchanged"}
            for each in wanted["plans"]:
                _check_plan(client, mark, each, wanted["planAddons"])


def _check_plan(client: OpenMeter, mark: str, wanted: dict[str, Any], assigned: list[dict[str, Any]]) -> None:
    """What the server says, seen without devkit's own idea of what is the same."""
    found = client.call("getPlan", path={"planId": wanted["key"].replace("MARK", mark)})
    assert (found["status"], found["validationErrors"]) == ("active", None)
    assert [phase["key"] for phase in found["phases"]] == [phase["key"] for phase in wanted["phases"]]
    assert found.get("metadata", {}) == wanted.get("metadata", found.get("metadata", {}))
    ours, theirs = ({card["key"]: card for card in of["phases"][-1]["rateCards"]} for of in (wanted, found))
    assert {key.replace("MARK", mark) for key in ours} == set(theirs)
    assert float(theirs["seat"]["price"]["amount"]) == float(ours["seat"]["price"]["amount"])
    there = {
        (each["addon"]["key"], each["addon"]["status"]): each.get("maxQuantity")
        for each in client.call("listPlanAddons", path={"planId": found["id"]})["items"]
    }
    for each in assigned:
        if each["planKey"] == wanted["key"]:
            assert there[each["addonKey"].replace("MARK", mark), "active"] == each.get("maxQuantity")
