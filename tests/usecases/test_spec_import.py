"""devkit spec import, without its screen."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from devkit.core.data import data_path
from devkit.core.errors import DevkitError, InputError, UsageError
from devkit.usecases import spec_import
from devkit.usecases.spec_import import import_spec

SPEC = """
openapi: 3.0.0
info: {title: A title, version: 1.0.0}
tags: [{name: Things, description: Words.}]
paths:
  /things:
    get:
      operationId: listThings
      tags: [Things]
      summary: Words
      responses:
        200: {description: Words., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing: {type: object, properties: {no: {type: string, example: no}}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "openapi.yaml"
    file.write_text(SPEC)
    return file


def facts(file: Path) -> Any:
    return json.loads(file.read_text())


def test_a_first_import_writes_the_facts_and_compares_with_nothing(spec: Path, tmp_path: Path) -> None:
    imported = import_spec(spec, tmp_path / "out.json", release="v1")

    assert imported.changes is None
    assert imported.written
    assert facts(imported.target)["info"] == {"version": "1.0.0", "x-openmeter-version": "v1"}
    assert facts(imported.target)["components"]["schemas"]["Thing"]["properties"] == {"no": {"type": "string"}}
    assert "Words" not in imported.target.read_text()


def test_importing_its_own_output_changes_no_byte(spec: Path, tmp_path: Path) -> None:
    once = import_spec(spec, tmp_path / "once.json", release="v1").target
    twice = import_spec(once, tmp_path / "twice.json").target

    assert twice.read_bytes() == once.read_bytes()


def test_the_shipped_contract_is_its_own_import(tmp_path: Path) -> None:
    shipped = data_path("assets/openapi.json")

    imported = import_spec(shipped, tmp_path / "again.json")

    assert imported.target.read_bytes() == shipped.read_bytes()


def test_the_next_import_lists_what_changed(spec: Path, tmp_path: Path) -> None:
    target = import_spec(spec, tmp_path / "out.json", release="v1").target
    spec.write_text(SPEC.replace("listThings", "findThings"))

    changes = import_spec(spec, target).changes

    assert [(change.verb, change.name) for change in changes or []] == [
        ("added", "findThings"),
        ("removed", "listThings"),
    ]


def test_without_a_release_the_old_one_is_kept_and_said_to_be(spec: Path, tmp_path: Path) -> None:
    target = import_spec(spec, tmp_path / "out.json", release="v1").target

    imported = import_spec(spec, target)

    assert imported.kept_release
    assert imported.contract.version == "v1"
    assert not import_spec(target, tmp_path / "other.json").kept_release


def test_a_check_writes_nothing(spec: Path, tmp_path: Path) -> None:
    target = import_spec(spec, tmp_path / "out.json").target
    before = target.read_bytes()
    spec.write_text(SPEC.replace("listThings", "findThings"))

    imported = import_spec(spec, target, write=False)

    assert len(imported.changes or []) == 2
    assert target.read_bytes() == before


def test_the_mode_of_the_file_stays(spec: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    assert stat.S_IMODE(import_spec(spec, target).target.stat().st_mode) == 0o644
    target.chmod(0o664)
    spec.write_text(SPEC.replace("listThings", "findThings"))

    assert stat.S_IMODE(import_spec(spec, target).target.stat().st_mode) == 0o664


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("operationId: listThings", "operationId: [1]", "8:20"),
        ("'#/components/schemas/Thing'", "'#/components/schemas/Nothing'", "12:80"),
        ("openapi: 3.0.0", "openapi: 3.1.0", "2:10"),
        ("tags: [Things]", "tags: Things", "9:13"),
        ("  /things:", "  /things: [", "8:18"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(old: str, new: str, place: str, spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace(old, new))

    with pytest.raises(InputError) as caught:
        import_spec(spec, tmp_path / "out.json")

    assert str(caught.value.place) == f"{spec}:{place}"
    assert not (tmp_path / "out.json").exists()


def test_a_document_that_contains_itself_is_refused(spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace("Thing: {type", "Thing: &self {items: *self, type"))

    with pytest.raises(InputError, match="an alias refers to nothing that stands above"):
        import_spec(spec, tmp_path / "out.json")


def test_a_target_that_cannot_be_written_is_told(spec: Path, tmp_path: Path) -> None:
    with pytest.raises(DevkitError, match="cannot write"):
        import_spec(spec, tmp_path / "missing" / "out.json")


def test_an_installed_devkit_asks_where_to_write(spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec_import, "data_path", lambda relative: tmp_path / "site-packages" / relative)

    with pytest.raises(UsageError, match="no checkout"):
        import_spec(spec)
