"""Which instances of this machine are alive, as far as what they left elsewhere is concerned."""

import shutil
import sys
from pathlib import Path

import pytest

from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.machine import is_alive, lives_elsewhere, machine_id, register, state_folder, unregister
from devkit.core.secrets_file import keep_secrets


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path


def _instance(root: Path) -> tuple[Instance, str]:
    instance = Instance(root)
    prepare_folder(instance)
    return instance, keep_secrets(instance, new_identity=True).identity


def test_a_machine_is_the_same_one_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert machine_id() == machine_id()
    before = machine_id()
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        assert machine_id() != before
        assert state_folder() == tmp_path / "other" / "devkit"


def test_an_instance_is_alive_until_its_folder_goes_or_becomes_another(tmp_path: Path) -> None:
    assert not is_alive("abc")
    instance, identity = _instance(tmp_path / "project")
    register(identity, instance)
    register(identity, instance)
    assert is_alive(identity)
    _instance(tmp_path / "project")
    assert not is_alive(identity)
    unregister(identity)
    unregister(identity)


def test_a_copy_of_a_folder_is_told_from_where_it_came(tmp_path: Path) -> None:
    instance, identity = _instance(tmp_path / "project")
    register(identity, instance)
    shutil.copytree(tmp_path / "project", tmp_path / "copy")
    assert lives_elsewhere(identity, Instance(tmp_path / "copy"))
    assert not lives_elsewhere(identity, instance)
    shutil.rmtree(tmp_path / "project")
    assert not lives_elsewhere(identity, Instance(tmp_path / "copy"))


@pytest.mark.parametrize("identity", ["", "../up", "a/b", "."])
def test_an_identity_is_no_path(identity: str) -> None:
    with pytest.raises(DevkitError, match="is no identity"):
        is_alive(identity)


def test_a_state_folder_that_cannot_be_made_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home / "file"))
    with pytest.raises(DevkitError, match="cannot"):
        machine_id()
