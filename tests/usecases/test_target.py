"""Which server a command means."""

from pathlib import Path

import pytest

from devkit.core.errors import UnreachableError
from devkit.core.instance import prepare_folder
from devkit.core.processes import this_process
from devkit.core.state import State, write_state
from devkit.usecases.recall import open_session
from devkit.usecases.target import server_url

OTHER = {"OPENMETER_URL": "http://other:1"}


def _remember(root: Path, *, runs: bool) -> None:
    instance = open_session(root, {}, {}).instance
    prepare_folder(instance)
    process = this_process() if runs else None
    write_state(instance, State(backend="embedded", token="t", ports={"http": 2}, url="http://own:2", process=process))


def test_a_running_instance_comes_first(tmp_path: Path) -> None:
    _remember(tmp_path, runs=True)
    assert server_url(open_session(tmp_path, {}, {}), OTHER, named=False) == "http://own:2"


def test_the_variable_is_taken_where_no_instance_runs(tmp_path: Path) -> None:
    assert server_url(open_session(tmp_path, {}, {}), OTHER, named=False) == "http://other:1"
    _remember(tmp_path, runs=False)
    assert server_url(open_session(tmp_path, {}, {}), OTHER, named=False) == "http://other:1"


def test_an_instance_asked_for_by_name_is_never_another_server(tmp_path: Path) -> None:
    session = open_session(tmp_path, {}, {"name": "mine"})
    with pytest.raises(UnreachableError, match="instance mine does not run"):
        server_url(session, OTHER, named=True)


def test_nothing_at_all_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as refused:
        server_url(open_session(tmp_path, {}, {}), {}, named=False)
    assert refused.value.hint is not None
    assert "devkit up" in refused.value.hint
