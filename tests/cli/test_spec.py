"""devkit spec import, as typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from devkit.cli import boundary
from devkit.cli.spec import spec_app
from devkit.core.data import data_path

Spec = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Spec:
    """Runs `devkit spec import …`: exit code, stdout, stderr."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.add_typer(spec_app, name="spec")

    def called(*arguments: str) -> tuple[int, str, str]:
        code = boundary.run(app, ["spec", "import", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the contract, to be overwritten."""
    copy = tmp_path / "contract.json"
    copy.write_bytes(data_path("assets/openapi.json").read_bytes())
    return copy


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The contract with one operation moved, one property wider and one parameter less."""
    document: Any = json.loads(data_path("assets/openapi.json").read_bytes())
    paths = document["paths"]
    paths["/api/v1/meterz"] = {"post": paths["/api/v1/meters"].pop("post")}
    del paths["/api/v1/meters"]["get"]["parameters"][-1]
    document["components"]["schemas"]["Meter"]["properties"]["slug"]["maxLength"] = 128
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(document))
    return file


def test_changes_are_told_area_by_area_and_the_contract_is_written(run: Spec, changed: Path, target: Path) -> None:
    code, out, err = run(str(changed), "--to", str(target))

    assert code == 0
    assert out.splitlines()[:9] == [
        "Operations",
        "  > createMeter  POST /api/v1/meters -> POST /api/v1/meterz",
        "",
        "Parameters",
        "  - listMeters query includeDeleted  boolean",
        "",
        "Properties",
        "  ~ Meter.slug  maxLength 64 -> 128",
        "",
    ]
    assert out.endswith("3 changes\n")
    assert str(target) in err
    assert "/api/v1/meterz" in target.read_text()


def test_a_second_time_nothing_changes(run: Spec, changed: Path, target: Path) -> None:
    run(str(changed), "--to", str(target))

    code, out, _ = run(str(changed), "--to", str(target))

    assert code == 0
    assert out.endswith("no changes\n")
    assert out.count("\n") == 1


def test_a_check_writes_nothing(run: Spec, changed: Path, target: Path) -> None:
    before = target.read_bytes()

    _, out, err = run(str(changed), "--to", str(target), "--check")

    assert "3 changes" in out
    assert "Nothing written" in err
    assert target.read_bytes() == before


def test_programs_get_the_changes_as_data(run: Spec, changed: Path, target: Path) -> None:
    _, out, _ = run(str(changed), "--to", str(target), "--release", "v9", "--output", "json")

    data = json.loads(out)["data"]
    assert data["release"] == "v9"
    assert [change["area"] for change in data["changes"]] == ["release", "operations", "parameters", "properties"]


def test_a_malformed_file_ends_with_2_and_its_place(run: Spec, tmp_path: Path, target: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("openapi: 3.0.0\npaths: [\n")

    code, out, err = run(str(file), "--to", str(target))

    assert (code, out) == (2, "")
    assert f"{file}:3:1" in err
