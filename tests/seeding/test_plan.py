"""Plans and what applying them does, on a real server."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.applying import apply
from devkit.seeding.change import Change, counted
from devkit.seeding.pack import Pack
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of


@pytest.fixture
def client(embedded_url: str) -> Iterator[OpenMeter]:
    with OpenMeter(embedded_url) as opened:
        yield opened


@pytest.fixture
def mark() -> str:
    """Something that no other test uses."""
    return f"t{uuid4().hex[:12]}"


def applied(client: OpenMeter, pack: Pack, *, recreate: bool = False) -> list[str]:
    done: list[Change] = []
    apply(client, plan(client, pack, recreate=recreate), done.append)
    return [change.action for change in done]


def meter_pack(tmp_path: Path, mark: str, fields: str) -> Pack:
    return pack_of(tmp_path, f"version: 1\nmeters:\n  - {{slug: {mark}, eventType: {mark}, {fields}}}")


def meter_of(client: OpenMeter, mark: str) -> dict[str, object]:
    found: dict[str, object] = client.call("getMeter", path={"meterIdOrSlug": mark})
    return found


def test_planning_writes_nothing(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    changes = plan(client, meter_pack(tmp_path, mark, "aggregation: COUNT"))
    assert counted(changes)["create"] == 1
    with pytest.raises(ApiError, match="404"):
        meter_of(client, mark)


def test_applying_twice_changes_nothing_the_second_time(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    text = f"""
version: 1
meters:
  - slug: {mark}
    name: Name
    description: Words.
    eventType: {mark}
    aggregation: SUM
    valueProperty: $.v
    eventFrom: 2026-01-01T00:00:00+01:00
    groupBy: {{g: $.g}}
    metadata: {{a: b}}
subjects:
  - {{key: {mark}, displayName: Shown, metadata: {{n: 1, nested: {{x: [1]}}}}, stripeCustomerId: cus_{mark}}}
"""
    pack = pack_of(tmp_path, text)
    assert applied(client, pack) == ["create", "create"]
    assert applied(client, pack) == ["unchanged", "unchanged"]


def test_an_update_names_its_fields_and_leaves_what_the_pack_does_not_mention(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    whole = "aggregation: COUNT, name: Old, description: Words., groupBy: {g: $.g}, metadata: {a: b}"
    applied(client, meter_pack(tmp_path, mark, whole))
    renamed = meter_pack(tmp_path, mark, "aggregation: COUNT, name: New")
    (change,) = plan(client, renamed)
    assert [str(difference) for difference in change.differences] == ["name: Old → New"]
    assert applied(client, renamed) == ["update"]
    found = meter_of(client, mark)
    assert found["name"] == "New"
    assert found["description"] == "Words."
    assert found["groupBy"] == {"g": "$.g"}
    assert found["metadata"] == {"a": "b"}


def test_subjects_keep_what_the_pack_does_not_mention(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    applied(client, pack_of(tmp_path, f"version: 1\nsubjects: [{{key: {mark}, displayName: A, metadata: {{x: 1}}}}]"))
    assert applied(client, pack_of(tmp_path, f"version: 1\nsubjects: [{{key: {mark}, displayName: B}}]")) == ["update"]
    found = client.call("getSubject", path={"subjectIdOrKey": mark})
    assert found["displayName"] == "B"
    assert found["metadata"] == {"x": 1}


def test_more_subjects_than_fit_one_request_are_all_there(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    listed = "".join(f"  - key: {mark}-{number}\n" for number in range(230))
    pack = pack_of(tmp_path, f"version: 1\nsubjects:\n{listed}")
    assert applied(client, pack) == ["create"] * 230
    assert applied(client, pack) == ["unchanged"] * 230


def test_what_the_server_never_changes_is_refused_before_anything_is_written(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    applied(client, meter_pack(tmp_path, mark, "aggregation: COUNT, name: Old"))
    other = pack_of(
        tmp_path,
        f"version: 1\nmeters:\n  - {{slug: {mark}_new, eventType: e, aggregation: COUNT}}\n"
        f"  - {{slug: {mark}, eventType: {mark}, aggregation: SUM, valueProperty: $.v, name: New}}",
    )
    with pytest.raises(DevkitError) as caught:
        applied(client, other)
    assert f"cannot change aggregation, valueProperty of the meter '{mark}'" in caught.value.message
    assert "--recreate" in str(caught.value.hint)
    assert f"meter {mark}: aggregation: COUNT → SUM" in caught.value.evidence
    assert meter_of(client, mark)["name"] == "Old"
    with pytest.raises(ApiError, match="404"):
        meter_of(client, f"{mark}_new")


def test_recreating_keeps_the_usage(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    applied(client, meter_pack(tmp_path, mark, "aggregation: COUNT"))
    event = {"specversion": "1.0", "id": "1", "source": mark, "type": mark, "subject": "s", "data": {"v": 5}}
    client.ingest([event])
    summing = meter_pack(tmp_path, mark, "aggregation: SUM, valueProperty: $.v")
    assert applied(client, summing, recreate=True) == ["recreate"]
    assert meter_of(client, mark)["aggregation"] == "SUM"
    usage = client.call("queryMeter", path={"meterIdOrSlug": mark})
    assert [row["value"] for row in usage["data"]] == [5]
    assert applied(client, summing, recreate=True) == ["unchanged"]


def test_a_deleted_meter_is_made_anew(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    pack = meter_pack(tmp_path, mark, "aggregation: COUNT")
    applied(client, pack)
    client.call("deleteMeter", path={"meterIdOrSlug": mark})
    assert applied(client, pack) == ["create"]


def test_a_meter_that_features_count_with_is_not_made_anew_and_the_way_out_is_told(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    feature = f"\nfeatures: [{{key: {mark}, name: F, meterSlug: {mark}}}]\nsubjects: [{{key: {mark}_new}}]"
    source = f"version: 1\nmeters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]"
    applied(client, pack_of(tmp_path, source))
    client.call("createFeature", body={"key": mark, "name": "F", "meterSlug": mark})
    other = source.replace("COUNT", "SUM, valueProperty: $.v") + feature
    with pytest.raises(DevkitError) as caught:
        plan(client, pack_of(tmp_path, other), recreate=True)
    assert caught.value.message == f"the meter '{mark}' cannot be made anew, for these need it: feature {mark}"
    assert "give it another slug in the pack, or begin with an empty server" in (caught.value.hint or "")
    assert meter_of(client, mark)["aggregation"] == "COUNT"
    client.call("deleteFeature", path={"featureId": mark})
    assert applied(client, pack_of(tmp_path, other), recreate=True) == ["recreate", "create", "create"]
    assert meter_of(client, mark)["aggregation"] == "SUM"
