"""The help: quick, complete, and with an example for every command."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import typer.main

from devkit.cli.app import GROUPS, app
from tests.cli.program import Program

HEAVY = {
    "httpx", "docker", "stripe", "duckdb", "starlette", "uvicorn", "yaml", "pyngrok.ngrok", "numpy", "psutil",
    "msgspec", "rich.console",
}  # fmt: skip
LOOK = """
import json, sys
from devkit.cli.app import main
try:
    main(json.loads(sys.argv[1]))
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def command(words: Sequence[str]) -> Any:
    """The command of these words; of none, devkit itself."""
    found: Any = typer.main.get_command(app)
    for word in words:
        found = found.commands[word]
    return found


def commands() -> list[tuple[str, ...]]:
    """The words of every command, sub-commands too."""
    found: list[tuple[str, ...]] = []
    for name, each in command(()).commands.items():
        found += [(name, inner) for inner in each.commands] if hasattr(each, "commands") else [(name,)]
    return found


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_help_imports_nothing_heavy(tmp_path, words):
    program = Program(tmp_path, 1)
    run = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps([*words, "--help"])],
        cwd=tmp_path, env=program.variables(), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "Usage: devkit" in run.stdout
    assert HEAVY & set(json.loads(run.stderr)) == set()


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_says_what_it_does_with_an_example(words):
    text = command(words).help
    assert text
    first = text.split("\n\n")[0]
    assert first.rstrip().endswith((".", ":"))
    assert "Example" in text
    assert f"devkit {' '.join(words)}" in text


def test_every_command_stands_in_a_group_of_the_help():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(command(()).commands)


def test_every_option_says_what_it_is():
    for words in commands():
        silent = [param.name for param in command(words).params if not param.help]
        assert silent == [], words


def test_no_arguments_show_the_help_and_exit_with_2(tmp_path):
    answer = Program(tmp_path, 1)(code=2)
    assert "Usage: devkit" in answer.out + answer.err


def test_the_help_fits_eighty_columns(tmp_path):
    program = Program(tmp_path, 1)
    for words in ((), ("up",), ("run",)):
        assert max(map(len, program(*words, "--help").out.splitlines())) <= 80
