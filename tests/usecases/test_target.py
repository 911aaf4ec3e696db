"""Which server a command means."""

from pathlib import Path

import pytest

from devkit.core.errors import UnreachableError
from devkit.core.instance import prepare_folder
from devkit.core.processes import this_process
from devkit.core.state import State, write_state
from devkit.usecases.recall import open_session
from devkit.usecases.target import Target, target_of

OTHER = {"OPENMETER_URL": "http://other:1"}


def _remember(root: Path, *, runs: bool) -> None:
    instance = open_session(root, {}, {}).instance
    prepare_folder(instance)
    process = this_process() if runs else None
    write_state(instance, State(backend="embedded", token="t", ports={"http": 2}, url="http://own:2", process=process))


def test_a_running_instance_comes_first(tmp_path: Path) -> None:
    _remember(tmp_path, runs=True)
    assert target_of(open_session(tmp_path, {}, {}), OTHER, named=False) == Target("http://own:2")


def test_the_variable_is_taken_where_no_instance_runs(tmp_path: Path) -> None:
    assert target_of(open_session(tmp_path, {}, {}), OTHER, named=False) == Target("http://other:1")
    _remember(tmp_path, runs=False)
    assert target_of(open_session(tmp_path, {}, {}), OTHER, named=False) == Target("http://other:1")


def test_an_instance_asked_for_by_name_is_never_another_server(tmp_path: Path) -> None:
    session = open_session(tmp_path, {}, {"name": "mine"})
    with pytest.raises(UnreachableError, match="instance mine does not run"):
        target_of(session, OTHER, named=True)


def test_nothing_at_all_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as refused:
        target_of(open_session(tmp_path, {}, {}), {}, named=False)
    assert refused.value.hint is not None
    assert "devkit up" in refused.value.hint


def test_a_server_elsewhere_comes_with_its_token_which_is_never_shown(tmp_path: Path) -> None:
    instance = open_session(tmp_path, {}, {}).instance
    prepare_folder(instance)
    state = State(backend="remote", token="t", ports={}, url="https://far.example", api_token="secret")
    write_state(instance, state)
    target = target_of(open_session(tmp_path, {}, {}), {}, named=False)
    assert target == Target("https://far.example", "secret")
    assert "secret" not in repr(target) + repr(state)


def test_a_url_that_is_named_gets_the_token_of_the_settings_only(tmp_path: Path) -> None:
    session = open_session(tmp_path, {"DEVKIT_TOKEN": "mine"}, {})
    assert target_of(session, OTHER, named=False, url="http://there:3") == Target("http://there:3", "mine")
