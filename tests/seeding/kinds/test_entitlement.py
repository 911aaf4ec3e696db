"""Entitlements of a pack, on a real server."""

from pathlib import Path

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from tests.seeding.test_pack import pack_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]


def text(mark: str, issued: int) -> str:
    return f"""
version: 1
entitlements:
  - {{customerKey: {mark}, featureKey: {mark}, type: metered, usagePeriod: {{interval: MONTH}},
     issueAfterReset: {issued}, isSoftLimit: true, metadata: {{a: b}}}}
  - {{customerKey: {mark}, featureKey: {mark}_on, type: boolean}}
  - {{customerKey: {mark}, featureKey: {mark}_set, type: static, config: '{{"a": 1}}'}}
customers: [{{key: {mark}, name: Name, usageAttribution: {{subjectKeys: [{mark}]}}}}]
features:
  - {{key: {mark}, name: Name, meterSlug: {mark}}}
  - {{key: {mark}_on, name: Name}}
  - {{key: {mark}_set, name: Name}}
meters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]
"""


def test_a_second_time_nothing_changes_and_a_difference_is_refused(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    assert set(applied(client, pack_of(tmp_path, text(mark, 10)))) == {"create"}
    assert set(applied(client, pack_of(tmp_path, text(mark, 10)))) == {"unchanged"}
    with pytest.raises(DevkitError, match="cannot change issueAfterReset of the entitlement") as caught:
        applied(client, pack_of(tmp_path, text(mark, 20)))
    assert "delete it there" in (caught.value.hint or "")
