"""Reading seed packs: shipped ones are right, wrong ones are told what is wrong where."""

from pathlib import Path

import pytest

from devkit.core.errors import InputError, UsageError
from devkit.core.shapes import InputProblems
from devkit.seeding.pack import Pack, find_pack, read_pack, shipped_packs
from devkit.streams.definition import STREAM


def pack_of(tmp_path: Path, text: str) -> Pack:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    pack, _, problems = read_pack(str(path), STREAM)
    problems.check()
    return pack


def problems_of(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        pack_of(tmp_path, text)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_shipped_packs_are_right_and_say_what_they_are_for() -> None:
    assert {"minimal", "ai-tokens"} <= set(shipped_packs())
    for name in shipped_packs():
        pack, _, problems = read_pack(name, STREAM)
        problems.check()
        assert pack.about
        assert pack.resources


def test_entries_keep_the_order_of_the_file(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, "version: 1\nsubjects: [{key: b}, {key: a}]\n")
    assert [entry["key"] for entry in pack.entries("subject")] == ["b", "a"]
    assert pack.name == "p"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", ["p.yaml:1:1: version is missing"]),
        ("version: 2", ["p.yaml:1:10: version: must be at most 1, found 2"]),
        ("{version: 1, meter: []}", ["p.yaml:1:14: meter: unknown key (did you mean 'meters'?)"]),
        (
            "version: 1\nsubjects:\n  - key: a\n  - key: a",
            ["p.yaml:4:10: subjects[1].key: a second subject 'a'; the first is in line 3"],
        ),
        (
            "version: 1\nsubjects: [{key: a, metadata: {x: null}}]",
            ["p.yaml:2:35: subjects[0].metadata.x: OpenMeter refuses null here (leave it out)"],
        ),
        (
            "version: 1\nsubjects: [{key: a, stripeCustomerId: x}]",
            ["p.yaml:2:39: subjects[0].stripeCustomerId: 'x' is not a Stripe id (cus_…)"],
        ),
        (
            "version: 1\nsubjects: [{key: a, currentPeriodStart: x}]",
            [
                "p.yaml:2:21: subjects[0].currentPeriodStart: unknown key (OpenMeter accepts this and never stores it)",
            ],
        ),
    ],
)
def test_problems_are_told_with_their_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert problems_of(tmp_path, text) == expected


def test_a_list_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"p\.yaml:1:1: a seed pack is a mapping"):
        pack_of(tmp_path, "- a")


def test_an_unknown_pack_names_the_ones_that_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        find_pack("ai-token")
    assert caught.value.hint == "did you mean 'ai-tokens'?"
    with pytest.raises(UsageError) as caught:
        find_pack("zzz")
    assert "ai-tokens, minimal" in str(caught.value.hint)


def test_a_path_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match=r"there is no file \./no\.yaml"):
        find_pack("./no.yaml")
