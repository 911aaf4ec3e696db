"""However billing was set up before, after a pack is applied it is as the pack says. On a server of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of
from tests.seeding.test_plan import applied
from tests.servers import embedded_server

METADATA = st.sampled_from([None, {}, {"a": "b"}, {"a": "c", "d": "e"}])
SUPPLIERS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["One", "Two"]),
        "addresses": st.sampled_from([[{"country": "US"}], [{"country": "DE", "city": "Ulm"}]]),
    },
    optional={"taxId": st.fixed_dictionaries({"code": st.sampled_from(["1", "2"])})},
)
DURATIONS = st.sampled_from(["P0D", "PT0S", "P1D", "PT36H", "P2W", "P0Y3D"])
WORKFLOWS = st.fixed_dictionaries(
    {},
    optional={
        "collection": st.fixed_dictionaries({}, optional={"interval": DURATIONS}),
        "invoicing": st.fixed_dictionaries(
            {},
            optional={
                "autoAdvance": st.booleans(),
                "draftPeriod": DURATIONS,
                "dueAfter": DURATIONS,
                "subscriptionEndProrationMode": st.sampled_from(["bill_full_period", "bill_actual_period"]),
                "defaultTaxConfig": st.sampled_from([{"behavior": "inclusive"}, {"behavior": "exclusive"}]),
            },
        ),
        "tax": st.fixed_dictionaries({}, optional={"enabled": st.just(True), "enforced": st.booleans()}),
    },
)


@st.composite
def packs(draw: st.DrawFn) -> dict[str, Any]:
    def said(**fields: Any) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value is not None}

    default = draw(st.sampled_from([None, "a", "b"]))
    own = {"supplier": draw(SUPPLIERS), "workflow": draw(WORKFLOWS), "metadata": draw(METADATA)}
    profiles = [
        said(key="a", name=draw(st.sampled_from(["A", "B"])), appKey="erp", default=default == "a" or None, **own),
        said(key="b", name="B", appKey="sandbox", default=default == "b", supplier=draw(SUPPLIERS)),
    ]
    app = said(key="erp", name=draw(st.sampled_from(["A", "B"])), metadata=draw(METADATA))
    hooks = st.fixed_dictionaries({}, optional={"enableDraftSyncHook": st.booleans(), "description": st.just("Words.")})
    pinned = draw(st.lists(st.sampled_from("xy"), unique=True))
    return {
        "version": 1,
        "billingProfiles": draw(st.permutations(profiles)),
        "apps": [app | draw(hooks)],
        "customers": [{"key": key, "name": "Name"} for key in "xy"],
        "customerOverrides": [{"customerKey": key, "billingProfileKey": draw(st.sampled_from("ab"))} for key in pinned],
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenMeter]:
    with embedded_server(tmp_path_factory.mktemp("billing") / "data") as url, OpenMeter(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@settings(max_examples=40)
@given(st.lists(packs(), min_size=1, max_size=3))
def test_after_applying_nothing_differs_whatever_was_applied_before(
    client: OpenMeter, folder: Path, wanted: list[dict[str, Any]]
) -> None:
    for each in wanted:
        pack = pack_of(folder, yaml.safe_dump(each, sort_keys=False))
        applied(client, pack)
        assert {change.action for change in plan(client, pack)} == {"unchanged"}
        _check(client, each)


def _check(client: OpenMeter, wanted: dict[str, Any]) -> None:
    """What the server says, seen without devkit's own idea of what is the same."""
    apps = client.call("listApps", query={"page": 1, "pageSize": 100})["items"]
    assert sorted(app["type"] for app in apps) == ["custom_invoicing", "sandbox"]
    listed = client.call("listBillingProfiles", query={"page": 1, "pageSize": 100})["items"]
    assert len(listed) == 3
    assert sum(profile["default"] for profile in listed) == 1
    profiles = {(each.get("metadata") or {}).get("devkit_key"): each for each in listed}
    for each in wanted["billingProfiles"]:
        found = profiles[each["key"]]
        assert (found["name"], found["supplier"]["name"]) == (each["name"], each["supplier"]["name"])
        assert found["default"] or not each.get("default")
        there, said = found["metadata"].keys() - {"devkit_key"}, each.get("metadata")
        assert said is None or there == set(said)
        for group, values in each.get("workflow", {}).items():
            for name, value in values.items():
                assert found["workflow"][group][name] in (value, {"PT0S": "P0D", "P0Y3D": "P3D"}.get(str(value)))
    for each in wanted["customerOverrides"]:
        customer = client.call("getCustomer", path={"customerIdOrKey": each["customerKey"]})["id"]
        found = client.call("getBillingProfileCustomerOverride", path={"customerId": customer})
        assert found["baseBillingProfileId"] == profiles[each["billingProfileKey"]]["id"]
