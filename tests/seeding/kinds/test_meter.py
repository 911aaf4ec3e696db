"""What a meter may say, and what means the same."""

from pathlib import Path

import pytest

from devkit.seeding.kinds import meter
from tests.seeding.test_pack import pack_of, problems_of


def one(fields: str) -> str:
    return f"version: 1\nmeters:\n  - {{slug: m, eventType: e, {fields}}}"


@pytest.mark.parametrize(
    "path", ["$.a", "$['a']", '$["a b"]', "$.a.b[0]", "$.a[*].c", '$."x y"', "$", "$.a[1 to 3]", "$.9lives"]
)
def test_json_paths_that_the_server_takes_are_right(tmp_path: Path, path: str) -> None:
    quoted = path.replace("'", "''")
    assert pack_of(tmp_path, one(f"aggregation: SUM, valueProperty: '{quoted}'")).entries("meter")


@pytest.mark.parametrize("path", ["a", "$a", "$..a", "$.*", "$[?(@.a)]", "$.a-b", "$[-1]", "$."])
def test_json_paths_that_the_server_refuses_are_told(tmp_path: Path, path: str) -> None:
    found = problems_of(tmp_path, one(f"aggregation: SUM, valueProperty: '{path}'"))
    assert "is not a JSON path such as $.tokens" in found[0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("aggregation: COUNT, valueProperty: $.v", "COUNT takes no value property (remove it)"),
        ("aggregation: SUM", "SUM needs a valueProperty"),
        ("aggregation: SUM, valueProperty: $.v, groupBy: {g: $.v}", "the same path as valueProperty"),
        ("aggregation: COUNT, groupBy: {Value: $.v}", "OpenMeter cannot group by the name 'Value'"),
        ("aggregation: COUNT, groupBy: {a-b: $.v}", "the key 'a-b' is not made of letters, digits and _"),
        ("aggregation: COUNT, eventFrom: yesterday", "'yesterday' is no time such as"),
        ("aggregation: COUNT, eventFrom: 2026-01-01T00:00:00", "is no time such as"),
        ("aggregation: COUNT, windowSize: DAY", "OpenMeter's meters have no window size any more"),
        ("aggregation: COUNT, metadata: {a: 1}", "put it in quotes to make it text"),
    ],
)
def test_what_the_server_would_refuse_is_told_before(tmp_path: Path, fields: str, expected: str) -> None:
    assert expected in "\n".join(problems_of(tmp_path, one(fields)))


def test_the_same_instant_and_nothing_at_all_are_no_difference() -> None:
    assert meter.same("eventFrom", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z")
    assert not meter.same("eventFrom", "2026-01-01T00:00:00Z", None)
    assert meter.same("metadata", {}, None)
    assert meter.same("groupBy", {}, None)
    assert not meter.same("name", "a", "b")
