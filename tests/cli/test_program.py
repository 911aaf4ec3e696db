"""What people are told to type works where they type it."""

import os
import sys
from pathlib import Path

import pytest

from devkit.cli.program import program


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console script in an environment of the current folder."""
    path = tmp_path / ".venv" / "bin" / "devkit"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


def test_a_script_on_the_path_goes_by_its_name(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)

    assert program() == "devkit"


def test_a_script_that_the_shell_does_not_find_goes_by_its_path(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == ".venv/bin/devkit"
    (script.parent / "deeper").mkdir()
    monkeypatch.chdir(script.parent / "deeper")
    assert program() == str(script)


def test_the_module_goes_by_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/devkit/__main__.py", "up"])

    assert program() == f"{Path(sys.executable).name} -m devkit"
