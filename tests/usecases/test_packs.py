"""Packs with their streams, and the schema for editors."""

import json
from pathlib import Path
from typing import Any

import pytest

from devkit.core.data import data_path
from devkit.core.shapes import InputProblems
from devkit.seeding.kinds import KINDS
from devkit.usecases.packs import load_pack, pack_schema, pack_summaries


def problems_of(tmp_path: Path, stream: str, subjects: str = "[{key: a}]") -> list[str]:
    path = tmp_path / "p.yaml"
    path.write_text(f"version: 1\nsubjects: {subjects}\nstreams:\n  - {stream}\n")
    with pytest.raises(InputProblems) as caught:
        load_pack(str(path))
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


USUAL = "{name: s, eventType: e, events: 5, over: 1d, data: "


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (USUAL + "{a: {by: b, cases: {x: 1}}}}", "streams[0].data.a: 'b' is no choice that stands above"),
        (
            USUAL + "{b: {choice: [x, y]}, a: {by: b, cases: {x: 1}}}}",
            "streams[0].data.a: cases lacks y",
        ),
        (
            USUAL + "{b: {choice: [x]}, a: {by: b, cases: {x: 1, z: 2}}}}",
            "streams[0].data.a: cases has z, which b never is",
        ),
        (USUAL + "{a: {choise: [x]}}}", "'choise' is no way to draw a value (did you mean 'choice'?)"),
        (USUAL + "{a: [x]}}", "expected a value or how to draw one, found a list ({choice: [a, b]})"),
        (USUAL + "{a: null}}", "OpenMeter refuses null here (leave the property out)"),
        (USUAL + "{a: {choice: [null]}}}", "expected values with weights, or a list of values"),
        (USUAL + "{a: {integer: {least: 2, most: 1}}}}", "least is above most"),
        ("{name: s, eventType: e, events: 5, data: {a: 1}}", "over is missing (such as over: 30d)"),
        ("{name: s, eventType: e, events: 5, over: 1d, from: 2026-01-01, data: {a: 1}}", "exclude each other"),
        ("{name: s, eventType: e, events: 5, from: 2026-01-01, data: {a: 1}}", "from needs to"),
        ("{name: s, eventType: e, events: 5, over: 30 days, data: {a: 1}}", "'30 days' is no duration"),
    ],
)
def test_what_is_wrong_with_a_stream_is_told(tmp_path: Path, stream: str, expected: str) -> None:
    assert expected in "\n".join(problems_of(tmp_path, stream))


def test_a_stream_needs_subjects(tmp_path: Path) -> None:
    found = problems_of(tmp_path, USUAL + "{a: 1}}", subjects="[]")
    assert found == ["p.yaml:4:5: streams[0]: has no subjects (give the pack subjects, or the stream subjects.keys)"]


def test_each_stream_has_a_name_and_an_event_type_of_its_own(tmp_path: Path) -> None:
    found = problems_of(tmp_path, f"{USUAL}{{a: 1}}}}\n  - {USUAL}{{a: 1}}}}")
    assert [line.partition(": ")[2] for line in found] == [
        "streams[1].name: a second stream with the name 's'; the first is in line 4",
        "streams[1].eventType: a second stream with the eventType 'e'; the first is in line 4",
    ]


def test_the_shipped_packs_are_listed_with_what_they_hold() -> None:
    packs = {pack["name"]: pack for pack in pack_summaries()}
    sections = {kind.SECTION for kind in KINDS}
    assert packs["minimal"]["resources"] == dict.fromkeys(sections, 1) | {"features": 2}
    assert set(packs["ai-tokens"]["resources"]) == sections
    assert packs["ai-tokens"]["streams"]["prompts"] == 20_000


def test_the_schema_for_editors_is_up_to_date() -> None:
    """After a change: devkit seed schema > assets/seed.schema.json."""
    shipped = json.loads(data_path("assets/seed.schema.json").read_text(encoding="utf-8"))
    assert shipped == pack_schema()


def test_the_schema_describes_every_field_of_every_section() -> None:
    for name, section in pack_schema()["properties"].items():
        fields: dict[str, Any] = section.get("items", {}).get("properties", {name: section})
        assert all("description" in field for field in fields.values()), name
