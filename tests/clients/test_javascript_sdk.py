"""The official JavaScript SDK against the embedded server, where Node is present."""

import json
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).parent / "javascript"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Node project with the SDK installed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node is not installed")
    folder = tmp_path_factory.mktemp("javascript") / "project"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("node_modules"))
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)
    return folder


@pytest.fixture
def run(project: Path, embedded_url: str) -> Callable[[str, str], Any]:
    """Runs a script with a token of its own and gives what it printed."""

    def run(script: str, token: str) -> Any:
        arguments = ["node", script, embedded_url, token]
        done = subprocess.run(arguments, cwd=project, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def token() -> str:
    return uuid.uuid4().hex[:10]


@pytest.mark.node
def test_events_are_ingested_listed_and_metered(run: Callable[[str, str], Any], token: str) -> None:
    assert run("ingest-list-query.mjs", token) == {
        "ids": [f"{token}-1", f"{token}-2", f"{token}-3"],
        "totals": {"/a": 1, "/b": 5},
        "subject": "Customer",
        "refusal": 404,
    }


@pytest.mark.node
def test_a_plan_with_an_add_on_is_sold_and_used(run: Callable[[str, str], Any], token: str) -> None:
    assert run("sell-and-meter.mjs", token) == {
        "plan": ["active", 1],
        "value": [117, 3, 120],
        "access": True,
        "phases": ["main"],
        "statuses": ["active", "canceled"],
        "month": True,
        "refusal": 404,
    }
