"""The picture of the README is of the run that its program makes, shows no path of a machine, and loads nothing."""

import re
from pathlib import Path

import pytest

from tests.pictures.up import COLUMNS, COMMAND, PICTURE, PORT, picture, run, words

SVG = PICTURE.read_text(encoding="utf-8")


def test_it_shows_the_run_of_its_program() -> None:
    lines = words(SVG).splitlines()

    assert lines[1] == f"$ {COMMAND}", "the command has changed: run `make assets`"
    assert any(line.startswith("Instance default is up") for line in lines)
    assert any(PORT in line for line in lines)


def test_the_readme_has_the_command_under_the_picture() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    assert f"\n$ {COMMAND}\n" in readme.partition("(assets/up.svg)")[2].partition("\n## ")[0]


def test_it_shows_no_path_of_a_machine() -> None:
    shown = words(SVG)

    assert set(re.findall(r"(?:^|[\s'\"])(/\w+)", shown)) == set()
    assert re.findall(r"~/\S+", shown) == ["~/demo", "~/demo/.devkit/default/data"]


def test_it_loads_nothing() -> None:
    assert "@font-face" not in SVG
    assert "<image" not in SVG
    assert not re.search(r"(href|src)\s*=|url\((?!#)", SVG)


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(len(line) for line in words(SVG).splitlines()) <= COLUMNS


def test_a_run_on_a_terminal_becomes_a_picture(tmp_path: Path) -> None:
    left = run("devkit seed packs", tmp_path)

    assert "ai-tokens" in left
    drawn = words(picture("devkit seed packs", left))
    assert "$ devkit seed packs" in drawn
    assert "ai-tokens" in drawn


def test_a_run_that_fails_makes_none(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        run("devkit seed check nowhere.yaml", tmp_path)
