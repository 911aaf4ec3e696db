"""Features of a pack, on a real server."""

from pathlib import Path

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]


def text(mark: str, name: str = "Name") -> str:
    return f"""
version: 1
features:
  - key: {mark}
    name: {name}
    meterSlug: {mark}
    meterGroupByFilters: {{g: a}}
    metadata: {{a: b}}
    unitCost: {{type: manual, amount: "0.50"}}
meters:
  - {{slug: {mark}, eventType: {mark}, aggregation: COUNT, groupBy: {{g: $.g}}}}
"""


def test_a_feature_comes_after_its_meter_and_a_second_time_nothing_changes(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    pack = pack_of(tmp_path, text(mark))
    assert [change.kind.NAME for change in plan(client, pack)] == ["meter", "feature"]
    assert applied(client, pack) == ["create", "create"]
    assert applied(client, pack) == ["unchanged", "unchanged"]


def test_a_feature_that_differs_is_refused_with_a_way_out(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    applied(client, pack_of(tmp_path, text(mark)))
    with pytest.raises(DevkitError, match=f"cannot change name of the feature '{mark}'") as caught:
        applied(client, pack_of(tmp_path, text(mark, "Other")))
    assert "another key" in (caught.value.hint or "")


def test_what_is_wrong_with_a_feature_is_told(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        "version: 1\nfeatures: [{key: f, name: F, meterGroupByFilters: {a: b}, unitCost: {type: manual, amount: 1}},"
        " {key: g, name: G, unitCost: {type: manaul}}]",
    )
    assert "needs a meterSlug" in found[0]
    assert "features[0].unitCost.amount: expected text" in found[1]
    assert "did you mean 'manual'" in found[2]
