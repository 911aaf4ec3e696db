"""The agent as a process: when it has to start anew, how it starts, and how it ends."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.adapters.backends.agent_process import (
    agent_change,
    end_agent,
    forget_outside,
    launch_agent,
    served_outside,
)
from devkit.adapters.backends.base import Change
from devkit.core.agent_files import agent_of
from devkit.core.instance import Instance, prepare_folder
from devkit.core.outside import Outside, Wish, outside_file, write_outside
from devkit.core.processes import Process, end, is_alive, this_process
from devkit.core.state import State, write_state
from tests.cli.outside import wait_for
from tests.servers import free_port

OFFLINE = Wish("ngrok", offline=True)
NGROK = Wish("ngrok")
STATIC = Wish("static", "https://me.example.com")
NONE = Wish()
GONE = Process(2**22, 1.0)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path.resolve())
    prepare_folder(instance)
    yield instance
    if (agent := agent_of(instance)) is not None:
        end(agent, grace=5)


def serves(instance: Instance, wish: Wish, process: Process) -> None:
    write_outside(instance, Outside(wish=wish, process=process))


@pytest.mark.parametrize(
    ("served", "wish", "reason"),
    [
        (NONE, NONE, None),
        (OFFLINE, OFFLINE, None),
        (STATIC, STATIC, None),
        (NONE, OFFLINE, "stand-ins for Stripe and ngrok asked for"),
        (NONE, STATIC, "tunnel static at https://me.example.com asked for"),
        (OFFLINE, NONE, "without stand-ins for Stripe and ngrok"),
        (NGROK, NONE, "without tunnel ngrok"),
        (OFFLINE, NGROK, "tunnel ngrok in place of stand-ins for Stripe and ngrok"),
        (NGROK, Wish("ngrok", "me.ngrok.app"), "tunnel ngrok at me.ngrok.app in place of tunnel ngrok"),
    ],
)
def test_it_starts_anew_where_it_serves_something_else(
    instance: Instance, served: Wish, wish: Wish, reason: str | None
) -> None:
    if served.anything:
        serves(instance, served, this_process())
    expected = Change("agent", "restart", reason) if reason else None
    assert agent_change(instance, this_process(), wish) == expected


@pytest.mark.parametrize("wish", [NONE, OFFLINE])
def test_one_that_does_not_run_is_started(instance: Instance, wish: Wish) -> None:
    assert agent_change(instance, None, wish) == Change("agent", "start", "it does not run")


def test_what_another_process_said_does_not_count(instance: Instance) -> None:
    serves(instance, OFFLINE, GONE)
    assert served_outside(instance, this_process()) is None
    change = agent_change(instance, this_process(), OFFLINE)
    assert change is not None
    assert change.action == "restart"
    forget_outside(instance)
    forget_outside(instance)
    assert not outside_file(instance).exists()


def test_it_starts_detached_and_one_that_runs_already_ends_first(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_planted")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    write_state(instance, State(backend="embedded", token="t", ports={"openmeter": port}, url=url))
    first = launch_agent(instance)
    wait_for(instance.agent_file.exists)
    assert first.ended_with() is None
    assert os.getsid(first.process.pid) == first.process.pid
    assert stat.S_IMODE(instance.output_file.stat().st_mode) == 0o600
    second = launch_agent(instance)
    assert not is_alive(first.process)
    assert agent_of(instance) == second.process
    wait_for(instance.agent_file.exists)

    ended = end_agent(instance, second.process)

    assert (ended.detail, ended.changed) == (f"agent stopped (pid {second.process.pid})", True)
    assert not instance.agent_file.exists()
    assert agent_of(instance) is None
    for launch in (first, second):
        launch.child.wait()
        launch.release()


def test_one_that_cannot_start_says_with_which_code_it_ended(instance: Instance) -> None:
    launch = launch_agent(instance)  # there is no state file
    assert wait_for(launch.ended_with) == 1
    assert "state.json is missing" in instance.log_file.read_text()


def test_ending_what_does_not_run_changes_nothing(instance: Instance) -> None:
    assert end_agent(instance, None).changed is False
    gone = end_agent(instance, GONE)
    assert gone.changed
    assert "had ended already" in gone.detail
