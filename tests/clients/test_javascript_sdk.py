"""The official JavaScript SDK against the embedded server, where Node is present."""

import json
import shutil
import subprocess
import uuid
from pathlib import Path

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


@pytest.mark.node
def test_events_are_ingested_listed_and_metered(project: Path, embedded_url: str) -> None:
    run = uuid.uuid4().hex[:10]

    done = subprocess.run(
        ["node", "ingest-list-query.mjs", embedded_url, run],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "ids": [f"{run}-1", f"{run}-2", f"{run}-3"],
        "totals": {"/a": 1, "/b": 5},
        "subject": "Customer",
        "refusal": 404,
    }
