"""Every command has a help text with an example, and stands in the README; every command in the README exists."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from devkit.cli.app import app

README = (Path(__file__).parents[2] / "README.md").read_text()


def commands(of: typer.Typer, prefix: str = "") -> list[str]:
    """The full names of all commands below an app, those of sub-apps too."""
    own = [f"{prefix}{c.name or getattr(c.callback, '__name__', '')}" for c in of.registered_commands if not c.hidden]
    below = [
        name
        for g in of.registered_groups
        if g.typer_instance
        for name in commands(g.typer_instance, f"{prefix}{g.name} ")
    ]
    return own + below


NAMES = commands(app)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"])

    assert shown.exit_code == 0
    assert f"devkit {name}" in shown.output.partition("Example")[2], "the help has no example"


def test_the_readme_lists_exactly_the_commands() -> None:
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    listed = [
        re.sub(r" (--.*|-- CMD)$", "", name) for name in re.findall(r"^\| `devkit ([^`]+)` \|", table, re.MULTILINE)
    ]

    assert sorted(listed) == sorted(NAMES)
