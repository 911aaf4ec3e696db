"""The import contracts hold, and each of them breaks when its rule is broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import devkit

ROOT = Path(__file__).parents[2]

#: Contract → a line that breaks it, and the module in which it stands.
VIOLATIONS = {
    "devkit layers": ("core/progress.py", "import devkit.usecases"),
    "embedded layers": ("embedded/store/clock.py", "import devkit.embedded.http.calls"),
    "embedded stands alone but for the contract": ("embedded/store/clock.py", "import devkit.core.errors"),
    "API tags do not know each other": ("embedded/tags/events.py", "import devkit.embedded.tags.subjects"),
    "domain is pure": ("embedded/domain/ulid.py", "import time"),
    "only cli talks to people": ("usecases/__init__.py", "import rich"),
    "only the agent and the embedded backend start the embedded server": (
        "usecases/__init__.py",
        "import devkit.embedded.app",
    ),
    "no cycles": ("core/errors.py", "import devkit.adapters.openmeter"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on the package in this folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copytree(
        Path(devkit.__file__).parent, tmp_path / "devkit", ignore=shutil.ignore_patterns("_data", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept(copy: Path) -> None:
    run = lint(copy)

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_breaks_with_its_rule(contract: str, copy: Path) -> None:
    module, line = VIOLATIONS[contract]
    with (copy / "devkit" / module).open("a") as file:
        file.write(f"\n{line}\n")

    run = lint(copy)

    assert run.returncode == 1
    assert f"{contract} BROKEN" in run.stdout


def test_every_contract_has_a_violation_here() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == set(VIOLATIONS)
