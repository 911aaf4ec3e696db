"""Entitlements of a pack, on a real server."""

from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, InputError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]

METERED = "usagePeriod: {interval: MONTH}, issueAfterReset: 10, isSoftLimit: true, metadata: {a: b}"


def text(mark: str, metered: str = METERED, config: str = '{"a": 1}') -> str:
    return f"""
version: 1
entitlements:
  - {{customerKey: {mark}, featureKey: {mark}, type: metered, {metered}}}
  - {{customerKey: {mark}, featureKey: {mark}_on, type: boolean}}
  - {{customerKey: {mark}, featureKey: {mark}_set, type: static, config: '{config}'}}
customers: [{{key: {mark}, name: Name, usageAttribution: {{subjectKeys: [{mark}]}}}}]
features:
  - {{key: {mark}, name: Name, meterSlug: {mark}}}
  - {{key: {mark}_on, name: Name}}
  - {{key: {mark}_set, name: Name}}
meters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]
"""


def apply_text(client: OpenMeter, tmp_path: Path, source: str) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source)))


def access(client: OpenMeter, mark: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = client.call("getCustomerAccess", path={"customerIdOrKey": mark})["entitlements"]
    return found


def test_they_come_after_customers_and_features_and_give_access(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    pack = pack_of(tmp_path, text(mark))
    assert [change.kind.NAME for change in plan(client, pack)][-3:] == ["entitlement"] * 3
    assert set(applied(client, pack)) == {"create"}
    found = access(client, mark)
    assert (found[mark]["balance"], found[mark]["hasAccess"]) == (10, True)
    assert found[f"{mark}_on"] == {"hasAccess": True}
    assert found[f"{mark}_set"] == {"hasAccess": True, "config": '{"a": 1}'}


@pytest.mark.parametrize(
    "metered",
    [
        METERED,
        "usagePeriod: {interval: P1M, anchor: 2026-01-31T01:00:00+01:00}",
        "usagePeriod: {interval: P2W}, issueAfterReset: 1.5, issueAfterResetPriority: 7, preserveOverageAtReset: true",
    ],
)
def test_a_second_time_nothing_changes(client: OpenMeter, tmp_path: Path, mark: str, metered: str) -> None:
    assert apply_text(client, tmp_path, text(mark, metered)) == {"create"}
    assert apply_text(client, tmp_path, text(mark, metered)) == {"unchanged"}


def test_settings_mean_the_same_however_they_are_spelled(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark, config='{"bb":1.0,"a":[2]}'))
    assert apply_text(client, tmp_path, text(mark, config='{ "a": [2], "bb": 1 }')) == {"unchanged"}


@pytest.mark.parametrize(
    ("replaced", "fields"),
    [
        (("issueAfterReset: 10", "issueAfterReset: 20"), "issueAfterReset"),
        (("isSoftLimit: true", "isSoftLimit: false"), "isSoftLimit"),
        (("interval: MONTH", "interval: WEEK"), "usagePeriod"),
        (("metadata: {a: b}", "metadata: {}"), "metadata"),
        (("""config: '{"a": 1}'""", """config: '{"a": 2}'"""), "config"),
        (("type: boolean", "type: static, config: '1'"), "type, config"),
    ],
)
def test_a_difference_is_refused_before_anything_is_written(
    client: OpenMeter, tmp_path: Path, mark: str, replaced: tuple[str, str], fields: str
) -> None:
    apply_text(client, tmp_path, text(mark))
    before = access(client, mark)
    other = text(mark).replace(*replaced) + f"subjects: [{{key: {mark}_new}}]"
    with pytest.raises(DevkitError, match=f"cannot change {fields} of the entitlement '{mark}/") as caught:
        apply_text(client, tmp_path, other)
    assert "delete it there" in (caught.value.hint or "")
    assert access(client, mark) == before
    subjects = {subject["key"] for subject in client.call("listSubjects")}
    assert mark in subjects
    assert f"{mark}_new" not in subjects


def test_recreating_makes_the_one_anew_that_differs(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    other = pack_of(tmp_path, text(mark, METERED.replace("10", "20")))
    assert applied(client, other, recreate=True).count("recreate") == 1
    assert access(client, mark)[mark]["balance"] == 20
    assert set(applied(client, other, recreate=True)) == {"unchanged"}


def test_one_that_was_deleted_is_made_again(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    path = {"customerIdOrKey": mark, "entitlementIdOrFeatureKey": mark}
    client.call("deleteCustomerEntitlementV2", path=path)
    assert sorted(applied(client, pack_of(tmp_path, text(mark)))).count("create") == 1
    assert access(client, mark)[mark]["balance"] == 10


def test_a_customer_or_feature_that_is_nowhere_is_told_with_its_place(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    source = f"version: 1\nentitlements:\n  - {{customerKey: {mark}, featureKey: {mark}, type: boolean}}\n"
    with pytest.raises(InputError) as caught:
        apply_text(client, tmp_path, source)
    found = [line.partition("p.yaml:")[2] for line in caught.value.evidence]
    assert found == [
        f"3:19: entitlements[0].customerKey: there is no customer '{mark}', neither in the pack nor on the server",
        f"3:46: entitlements[0].featureKey: there is no feature '{mark}', neither in the pack nor on the server",
    ]
    client.call("createFeature", body={"key": mark, "name": "There"})
    client.call("createCustomer", body={"key": mark, "name": "There"})
    assert apply_text(client, tmp_path, source) == {"create"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("usagePeriod: {interval: MONTH}, ", "", "entitlements[0]: usagePeriod is missing"),
        ("issueAfterReset: 10", "issueAfterReset: -1", "entitlements[0].issueAfterReset: must be at least 0"),
        ("type: boolean", "type: bool", "did you mean 'boolean'?"),
        ("type: boolean", "type: boolean, metadata: {a: b}", "OpenMeter never shows that of a boolean one"),
        ("""config: '{"a": 1}'""", "config: '{a'", "entitlements[2].config: '{a' is no JSON"),
        ("""config: '{"a": 1}'""", "config: {a: 1}", "entitlements[2].config: expected text, found a mapping"),
        ("featureKey: xx_on, ", "featureKey: xx, ", "a second entitlement 'xx/xx'; the first is in line 4"),
    ],
)
def test_what_is_wrong_with_one_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    source = text("xx")
    assert old in source
    assert expected in "\n".join(problems_of(tmp_path, source.replace(old, new, 1)))
