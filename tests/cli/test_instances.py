"""The life of an instance, with real processes: start, look, kill, start again, stop, remove."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from typing import Any

import httpx
import psutil
import pytest

from devkit.core.ports import bind
from devkit.core.processes import Process, is_alive
from tests.cli.program import COMMAND, Program


def process_of(state: Any) -> Process:
    return Process(state["process"]["pid"], state["process"]["created"])


def ended(process: Process) -> None:
    deadline = time.monotonic() + 20
    while is_alive(process):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_up_starts_an_instance_that_counts_events_and_a_second_one_changes_nothing(devkit):
    first = devkit("up", "--output", "json").data
    assert first["changed"]
    assert httpx.get(f"{first['url']}/api/v1/meters").json() == []
    state = devkit.state()
    assert state["proven_at"]
    second = devkit("up", "--output", "json").data
    assert not second["changed"]
    assert (second["pid"], second["url"]) == (first["pid"], first["url"])
    assert devkit.state() == state
    assert "nothing changed" in devkit("up").out


def test_the_state_is_for_its_owner_only_and_holds_what_belongs_there(devkit):
    devkit("up")
    folder = devkit.folder / ".devkit" / "default"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "state.json").stat().st_mode) == 0o600
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("agent.*")}
    assert modes == dict.fromkeys(("agent.json", "agent.log", "agent.out"), 0o600)
    assert devkit.state()["schema"] == 1


def test_the_agent_has_no_secret_in_its_arguments_and_a_session_of_its_own(devkit):
    devkit("up")
    state = devkit.state()
    agent = psutil.Process(state["process"]["pid"])
    assert state["token"] not in " ".join(agent.cmdline())
    assert os.getsid(agent.pid) == agent.pid
    assert agent.terminal() is None


def test_a_killed_agent_is_seen_and_started_again_with_its_data(devkit):
    url = devkit("up", "--output", "json").data["url"]
    meter = {"slug": "kept", "eventType": "call", "aggregation": "COUNT"}
    assert httpx.post(f"{url}/api/v1/meters", json=meter).status_code in (200, 201)
    killed = process_of(devkit.state())
    os.kill(killed.pid, signal.SIGKILL)
    ended(killed)
    assert devkit("status", "--output", "json").data["condition"] == "ended"
    again = devkit("up", "--output", "json").data
    assert again["pid"] != killed.pid
    assert again["url"] == url
    assert any(str(killed.pid) in note for note in again["notes"])
    assert [meter["slug"] for meter in httpx.get(f"{url}/api/v1/meters").json()] == ["kept"]


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(devkit):
    devkit("up")
    devkit("stop")
    state = devkit.state()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        try:
            state["process"] = {"pid": other.pid, "created": 1.0}
            (devkit.folder / ".devkit/default/state.json").write_text(json.dumps(state))
            assert devkit("status", "--output", "json").data["condition"] == "ended"
            devkit("stop")
            assert other.poll() is None
        finally:
            other.kill()


def test_a_taken_port_moves_the_instance_names_the_owner_and_is_remembered(devkit):
    with bind(devkit.port):
        answer = devkit("up")
        assert f"port {devkit.port} is taken by pid {os.getpid()} (" in answer.err
        assert f"port {devkit.port} is taken by pid {os.getpid()} (" in answer.out
    moved = devkit.state()["ports"]["openmeter"]
    assert moved > devkit.port
    devkit("stop")
    assert devkit("up", "--output", "json").data["ports"] == {"openmeter": moved}


def test_two_instances_of_one_folder_run_side_by_side(devkit):
    one = devkit("up", "--output", "json").data
    two = devkit("up", "--name", "two", "--output", "json").data
    assert one["url"] != two["url"]
    assert any("devkit's agent of" in note for note in two["notes"])
    listed = {row["name"]: row for row in devkit("list", "--output", "json").data if row["here"]}
    assert {name: row["running"] for name, row in listed.items()} == {"default": True, "two": True}
    devkit("stop", "--name", "two")
    assert devkit("status", "--output", "json").data["running"]


def test_two_ups_at_the_same_moment_start_one_agent(devkit):
    both = [devkit.start(["up", "--output", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    answers = [json.loads(each.communicate(timeout=60)[0]) for each in both]
    assert [answer["ok"] for answer in answers] == [True, True]
    assert sorted(answer["data"]["changed"] for answer in answers) == [False, True]
    assert len({answer["data"]["pid"] for answer in answers}) == 1


def test_ups_in_two_folders_that_want_the_same_port_both_come_up(devkit, tmp_path_factory):
    folders = [tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")]
    command = [*COMMAND, "up", "--output", "json"]
    started = [
        subprocess.Popen(command, cwd=folder, env=devkit.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for folder in folders
    ]
    try:
        answers = [json.loads(each.communicate(timeout=60)[0]) for each in started]
        assert [answer["ok"] for answer in answers] == [True, True]
        assert len({answer["data"]["url"] for answer in answers}) == 2
    finally:
        for folder in folders:
            subprocess.run([*COMMAND, "stop"], cwd=folder, env=devkit.variables(), capture_output=True, check=True)


@pytest.mark.parametrize("content", [b'{"schema": 1, "backend": "emb', b"", b"\0\0\0", b"[]"])
def test_a_damaged_state_file_is_set_aside_and_the_running_agent_taken_over(devkit, content):
    first = devkit("up", "--output", "json").data
    file = devkit.folder / ".devkit/default/state.json"
    file.write_bytes(content)
    answer = devkit("up", "--output", "json")
    assert (answer.data["pid"], answer.data["url"]) == (first["pid"], first["url"])
    assert any("damaged" in note and str(first["pid"]) in note for note in answer.data["notes"])
    assert (file.parent / "state.damaged.json").read_bytes() == content


def test_a_damaged_state_file_of_a_stopped_instance_is_told_and_forgotten(devkit):
    devkit("up")
    devkit("stop")
    (devkit.folder / ".devkit/default/state.json").write_text("{")
    answer = devkit("status")
    assert "stopped" in answer.out
    assert "damaged" in answer.out
    assert devkit("up", "--output", "json").data["changed"]


def test_a_lost_state_file_is_made_again_from_what_runs(devkit):
    first = devkit("up", "--output", "json").data
    (devkit.folder / ".devkit/default/state.json").unlink()
    assert devkit("status", "--output", "json").data["pid"] == first["pid"]
    devkit("stop")
    assert not devkit("status", "--output", "json").data["running"]


def test_a_copy_of_a_project_has_an_instance_of_its_own(devkit, tmp_path_factory):
    first = devkit("up", "--output", "json").data
    copy = Program(tmp_path_factory.mktemp("copies") / "copy", devkit.port)
    shutil.copytree(devkit.folder, copy.folder)
    try:
        second = copy("up", "--output", "json").data
        assert second["pid"] != first["pid"]
        assert second["url"] != first["url"]
        assert any(f"copy of {devkit.folder}" in note for note in second["notes"])
        assert not copy("up", "--output", "json").data["changed"]
    finally:
        copy("stop")
    assert devkit("status", "--output", "json").data["pid"] == first["pid"]


def test_a_project_that_was_moved_keeps_its_running_instance(devkit, tmp_path_factory):
    first = devkit("up", "--output", "json").data
    moved = Program(tmp_path_factory.mktemp("moved") / "project", devkit.port)
    devkit.folder.rename(moved.folder)
    try:
        assert moved("status", "--output", "json").data["pid"] == first["pid"]
    finally:
        moved("stop")
    devkit.folder.mkdir()


def test_stop_keeps_data_and_ports_down_forgets_the_ports_and_destroy_removes_all(devkit):
    devkit("up")
    process = process_of(devkit.state())
    folder = devkit.folder / ".devkit" / "default"
    devkit("stop")
    assert not is_alive(process)
    assert devkit.state()["ports"]
    assert devkit.state()["process"] is None
    devkit("down")
    assert not (folder / "state.json").exists()
    assert (folder / "data").is_dir()
    devkit("destroy", "--yes")
    assert not (devkit.folder / ".devkit").exists()


@pytest.mark.parametrize("command", [["stop"], ["down"], ["destroy"], ["destroy", "--yes"]])
def test_ending_what_never_was_is_fine_and_makes_nothing(devkit, command):
    assert "nothing to" in devkit(*command).out
    assert list(devkit.folder.iterdir()) == []


def test_destroy_lists_what_goes_and_needs_a_yes(devkit):
    devkit("up")
    refused = devkit("destroy", code=2)
    assert str(devkit.folder / ".devkit/default") in refused.err
    assert "which is running" in refused.err
    assert "--yes" in refused.err
    assert devkit("status", "--output", "json").data["running"]


def test_destroy_of_one_instance_leaves_the_others(devkit):
    devkit("up")
    devkit("up", "--name", "two")
    devkit("destroy", "--name", "two", "--yes")
    assert devkit("status", "--output", "json").data["running"]
    assert not (devkit.folder / ".devkit" / "two").exists()


def test_an_agent_that_cannot_start_fails_up_with_the_end_of_its_log(devkit):
    devkit("up")
    devkit("stop")
    (devkit.folder / ".devkit/default/data/records.sqlite").write_bytes(b"this is no database" * 100)
    answer = devkit("up", code=1)
    assert "error: the server ended with exit code 1" in answer.err
    assert "not a database" in answer.err
    assert "hint: " in answer.err


def test_a_file_in_the_place_of_the_state_folder_is_an_error_with_a_way_out(devkit):
    (devkit.folder / ".devkit").touch()
    answer = devkit("up", code=1)
    assert "error: cannot write" in answer.err
    assert "hint: " in answer.err


def test_the_plan_tells_and_does_nothing(devkit):
    plan = devkit("up", "--plan", "--smoke", "--output", "json").data["plan"]
    assert [row["step"] for row in plan if not row["skipped"]] == [
        "preflight", "start services", "wait until healthy", "prove ingest", "smoke",
    ]  # fmt: skip
    assert list(devkit.folder.iterdir()) == []


def test_the_instance_belongs_to_the_folder_of_the_settings_file(devkit):
    (devkit.folder / "devkit.yaml").write_text("name: mine\n")
    inner = devkit.folder / "src" / "deep"
    inner.mkdir(parents=True)
    command = [*COMMAND, "up", "--output", "json"]
    run = subprocess.run(command, cwd=inner, env=devkit.variables(), capture_output=True, check=True)
    assert json.loads(run.stdout)["data"]["folder"] == str(devkit.folder / ".devkit" / "mine")
    assert devkit("status", "--output", "json").data["running"]
