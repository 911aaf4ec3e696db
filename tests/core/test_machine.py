"""Which instances of this machine are alive, as far as what they left elsewhere is concerned."""

import sys
from pathlib import Path

import pytest

from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.machine import is_alive, machine_id, register, state_folder, unregister
from devkit.core.state import State, write_state


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path


def _instance(root: Path, identity: str) -> Instance:
    instance = Instance(root)
    prepare_folder(instance)
    state = State(backend="embedded", token="t", ports={"openmeter": 1}, url="http://x", identity=identity)
    write_state(instance, state)
    return instance


def test_a_machine_is_the_same_one_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert machine_id() == machine_id()
    before = machine_id()
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        assert machine_id() != before
        assert state_folder() == tmp_path / "other" / "devkit"


def test_an_instance_is_alive_until_its_folder_goes_or_becomes_another(tmp_path: Path) -> None:
    assert not is_alive("abc")
    instance = _instance(tmp_path / "project", "abc")
    register("abc", instance)
    register("abc", instance)
    assert is_alive("abc")
    instance.state_file.write_text("{")
    assert is_alive("abc")  # damaged is not dead
    _instance(tmp_path / "project", "other")
    assert not is_alive("abc")
    instance.state_file.unlink()
    assert not is_alive("abc")
    unregister("abc")
    unregister("abc")


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
