"""What the pages show can be done as it stands: packs are right, settings are read, commands and their flags exist."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from devkit.adapters.tunnels.ngrok.failures import _KNOWN
from devkit.cli.app import app
from devkit.core.errors import (
    DevkitError,
    InputError,
    InterruptedByUser,
    MissingToolError,
    UnreachableError,
    UsageError,
)
from devkit.core.settings import SETTINGS, resolve
from tests.docs.pages import ROOT, Block, blocks, pages

YAML = blocks("yaml")
PACKS = [block for block in YAML if block.text.startswith("version: 1\n")]
PIPELINES = [block for block in YAML if block.page == "docs/ci.md"]
SETTINGS_FILES = [block for block in YAML if block not in PACKS and block not in PIPELINES]


def test_the_pages_have_examples_of_each() -> None:
    assert len(PACKS) >= 3
    assert len(PIPELINES) == 2
    assert SETTINGS_FILES


@pytest.mark.parametrize("block", PACKS, ids=str)
def test_a_pack_is_right(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(block.text, encoding="utf-8")

    checked = CliRunner().invoke(app, ["seed", "check", str(file), "--offline"])

    assert checked.exit_code == 0, f"{block}: {checked.output}{checked.exception}"


@pytest.mark.parametrize("block", SETTINGS_FILES, ids=str)
def test_a_settings_file_is_read(block: Block, tmp_path: Path) -> None:
    (tmp_path / "devkit.yaml").write_text(block.text, encoding="utf-8")

    settings = resolve(tmp_path, {}, {})

    assert any(value.origin.startswith("devkit.yaml") for value in settings.values.values())


@pytest.mark.parametrize("block", PIPELINES, ids=str)
def test_a_pipeline_ends_what_it_starts_and_keeps_the_report(block: Block) -> None:
    scripts = list(_scripts(yaml.safe_load(block.text)))

    assert any(line.startswith("devkit up ") for line in scripts)
    assert "devkit smoke --junit reports/openmeter.xml" in scripts
    assert scripts[-1] == "devkit destroy --yes"
    assert "reports" in block.text.partition("artifact")[2]


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    for line in block.text.splitlines():
        assert isinstance(json.loads(line), dict)


def _scripts(tree: Any) -> Iterator[str]:
    """The lines of all scripts of a pipeline, in their order."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in ("run", "script", "before_script", "after_script"):
                lines = [value] if isinstance(value, str) else value
                yield from (line for text in lines for line in text.splitlines())
            else:
                yield from _scripts(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _scripts(item)


def calls() -> Iterator[tuple[str, str]]:
    """(where it stands, command line) of every call of devkit in a block of code."""
    for block in blocks("console", "yaml"):
        for line in block.text.splitlines():
            shown = re.search(r"(?:^\$ |- (?:run: )?|^\s+|\$\()(devkit .*)", line)
            if shown:
                yield str(block), re.split(r"\s#\s|\s*[>|)]|\s\|\|", shown[1])[0].strip(" \"'")


def _known() -> dict[str, set[str]]:
    """The flags of every command by its full name."""
    root = typer.main.get_command(app)

    def below(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
        inner = getattr(command, "commands", {})
        if not inner:
            yield name, {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)} | {"--help"}
        for word, one in inner.items():
            yield from below(one, f"{name} {word}")

    return dict(below(root, "devkit"))


KNOWN = _known()


@pytest.mark.parametrize(("place", "line"), list(calls()))
def test_a_command_exists_with_its_flags(place: str, line: str) -> None:
    words = shlex.split(line.partition(" -- ")[0], comments=True)
    while words[1:] and words[1] == "--debug":
        del words[1]
    name = next((name for count in (3, 2) if (name := " ".join(words[:count])) in KNOWN), None)

    assert name, f"{place}: there is no such command: {line}"
    flags = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert flags <= KNOWN[name], f"{place}: it has no such flag: {line}"


def test_calls_are_found() -> None:
    lines = [line for _, line in calls()]

    assert len(lines) > 40
    assert "devkit smoke --junit reports/openmeter.xml" in lines
    assert "devkit env --format github" in lines


def test_the_page_on_ci_has_every_exit_code() -> None:
    kinds = (DevkitError, UsageError, InputError, MissingToolError, UnreachableError, InterruptedByUser)
    table = pages()["docs/ci.md"].partition("## Exit codes")[2].partition("\n## ")[0]

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == {
        0,
        3,  # a bug (cli/boundary.py)
        *(kind.exit_code for kind in kinds),
    }


def test_the_page_on_ngrok_has_every_error_that_devkit_knows() -> None:
    page = pages()["docs/stripe-and-ngrok.md"]

    assert set(re.findall(r"^\| ERR_NGROK_(\d+) \|", page, re.MULTILINE)) == set(_KNOWN)


def test_the_page_on_stripe_names_every_place_of_a_secret() -> None:
    table = pages()["docs/stripe-and-ngrok.md"].partition("## Keys and tokens")[2].partition("\n## ")[0]
    secrets = {key: setting for key, setting in SETTINGS.items() if setting.variables}

    assert secrets
    for key, setting in secrets.items():
        assert {key, *setting.variables, f"DEVKIT_{key.upper().replace('-', '_')}"} <= set(
            re.findall(r"`(.*?)`", table)
        )


def test_the_pages_name_the_pythons_that_devkit_runs_on() -> None:
    least, below = re.findall(
        r"3\.\d+", tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    )

    assert f"Python {least} to 3.{int(below.removeprefix('3.')) - 1}" in pages()["docs/laptop.md"]
