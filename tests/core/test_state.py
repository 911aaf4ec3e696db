"""The state file is there whole or not at all, and a damaged one is told from a missing one."""

import json
import resource
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.processes import Process
from devkit.core.state import BrokenStateError, State, read_state, set_aside, write_state

STATE = State(backend="embedded", token="t", ports={"openmeter": 1}, url="http://127.0.0.1:1", process=Process(2, 3.5))


@pytest.fixture
def instance(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    return instance


def test_what_is_written_is_read_again(instance):
    write_state(instance, STATE)
    assert read_state(instance) == STATE


def test_only_the_owner_can_read_it(instance):
    write_state(instance, STATE)
    assert stat.S_IMODE(instance.state_file.stat().st_mode) == 0o600


def test_no_temporary_file_is_left(instance):
    write_state(instance, STATE)
    assert {path.name for path in instance.folder.iterdir()} == {".gitignore", "state.json"}


def test_nothing_is_remembered_where_nothing_was_written(instance, tmp_path):
    assert read_state(instance) is None
    assert read_state(Instance(tmp_path / "nowhere")) is None


@given(cut=st.integers(min_value=0, max_value=200))
def test_a_half_written_file_is_damaged_wherever_it_ends(tmp_path_factory, cut):
    instance = Instance(tmp_path_factory.mktemp("state"))
    prepare_folder(instance)
    write_state(instance, STATE)
    whole = instance.state_file.read_bytes().rstrip()
    instance.state_file.write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises(BrokenStateError, match="damaged"):
        read_state(instance)


@pytest.mark.parametrize("content", [b"[]", b'{"schema": 1}', b"\xff\xfe", b'{"schema": "1"}', b"null", b"\0" * 100])
def test_a_file_of_something_else_is_damaged(instance, content):
    instance.state_file.write_bytes(content)
    with pytest.raises(BrokenStateError):
        read_state(instance)


def test_a_file_of_a_newer_devkit_is_not_called_damaged(instance):
    instance.state_file.write_text(json.dumps({"schema": 99, "new": True}))
    with pytest.raises(DevkitError, match="newer devkit") as caught:
        read_state(instance)
    assert not isinstance(caught.value, BrokenStateError)


def test_a_damaged_file_is_set_aside_and_kept(instance):
    instance.state_file.write_bytes(b"{half")
    aside = set_aside(instance)
    assert aside.read_bytes() == b"{half"
    assert read_state(instance) is None


def test_a_write_that_does_not_fit_keeps_the_old_state_and_says_so(instance):
    write_state(instance, STATE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(DevkitError, match="cannot write") as caught:
            write_state(instance, State(backend="other", token="", ports={}, url=""))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.hint
    assert read_state(instance) == STATE
    assert {path.name for path in instance.folder.iterdir()} == {".gitignore", "state.json"}
