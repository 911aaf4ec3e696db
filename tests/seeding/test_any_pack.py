"""Whatever a pack says, it is right or its problems are told with their places."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit.core.data import data_path
from devkit.core.yaml_source import load
from devkit.seeding.kinds import KINDS
from devkit.seeding.order import ordered
from devkit.seeding.pack import read_pack
from devkit.streams.definition import STREAM

ODD: tuple[Any, ...] = (
    None,
    0,
    -1,
    1.5,
    "",
    "x",
    "P0D",
    "xx-yy",
    True,
    [],
    {},
    [None],
    [{}],
    {"type": "x"},
    {"key": 1},
)


def _pack() -> dict[str, Any]:
    whole = load(data_path("seeds/ai-tokens.yaml")).plain()
    return {name: section for name, section in whole.items() if name != "streams"}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in items:
        yield from _paths(child, (*path, step))


PATHS = sorted(_paths(_pack()), key=str)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


def test_the_pack_is_right_before_anything_odd_is_in_it(folder: Path) -> None:
    file = folder / "whole.yaml"
    file.write_text(yaml.safe_dump(_pack(), sort_keys=False))
    read, _, problems = read_pack(str(file), STREAM)
    assert not problems.found
    assert {resource.kind.NAME for resource in read.resources} == {kind.NAME for kind in KINDS}


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from((*ODD, "gone"))), min_size=1, max_size=3))
def test_an_odd_value_anywhere_is_right_or_told(folder: Path, odd: list[tuple[tuple[Any, ...], Any]]) -> None:
    pack = _pack()
    for path, value in odd:
        _replace(pack, path, value)
    file = folder / "p.yaml"
    file.write_text(yaml.safe_dump(pack, sort_keys=False))
    read, _, problems = read_pack(str(file), STREAM)
    if problems.found:
        assert all(problem.place.line >= 1 and problem.message for problem in problems.found)
    else:
        assert len(ordered(read.resources)) == len(read.resources)


def _replace(pack: Any, path: tuple[Any, ...], value: Any) -> None:
    """Nothing where an earlier replacement took the way there."""
    for step in path[:-1]:
        if not _has(pack, step):
            return
        pack = pack[step]
    if not _has(pack, path[-1]):
        return
    if value == "gone":
        del pack[path[-1]]
    else:
        pack[path[-1]] = value


def _has(value: Any, step: Any) -> bool:
    return (isinstance(value, dict) and step in value) or (
        isinstance(value, list) and isinstance(step, int) and step < len(value)
    )
