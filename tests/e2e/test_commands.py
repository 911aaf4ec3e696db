"""The compose backend through devkit's commands, as users run them: a process each, in a folder of its own."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from devkit.adapters.backends.compose.backend import project_name
from devkit.adapters.docker.containers import FOLDER_LABEL, PROJECT_LABEL
from devkit.adapters.docker.images import Image, lock_text
from devkit.core.instance import Instance
from devkit.core.ports import bind
from tests.cli.program import Program
from tests.e2e.conftest import free_block
from tests.servers import free_port

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def devkit(
    engine: docker.DockerClient, images: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """devkit on the compose backend with the default instance up; nothing of it is left in the end."""
    folder = tmp_path_factory.mktemp("commands").resolve()
    (folder / "images.lock").write_text(lock_text({name: Image(tag) for name, tag in images.items()}))
    (folder / "devkit.yaml").write_text("images-from: images.lock\n")
    program = Program(folder, free_block()["openmeter"], {"DEVKIT_BACKEND": "auto"})
    try:
        program("up")
        yield program
    finally:
        for name in ("default", "two"):
            program("destroy", "--yes", "--name", name)


def _containers(engine: docker.DockerClient, program: Program, name: str = "default") -> dict[str, Any]:
    wanted: dict[str, str | list[str] | bool] = {"label": f"{FOLDER_LABEL}={program.folder / '.devkit' / name}"}
    found = engine.containers.list(all=True, filters=wanted)
    return {each.labels["com.docker.compose.service"]: each for each in found}


def _started(engine: docker.DockerClient, program: Program) -> dict[str, str]:
    return {name: each.attrs["State"]["StartedAt"] for name, each in _containers(engine, program).items()}


def _up(program: Program) -> Any:
    return program("up", "--output", "json").data


def test_auto_takes_compose_where_an_engine_answers_and_nothing_changes_the_second_time(devkit: Program) -> None:
    again = _up(devkit)
    assert (again["backend"], again["changed"], again["changes"]) == ("compose", False, [])
    assert len(again["ports"]) == 5
    assert devkit("up", "--plan").out.count("nothing: ") >= 2


def test_status_shows_services_with_restarts_and_versions(devkit: Program) -> None:
    status = devkit("status", "--output", "json").data
    assert status["condition"] == "running"
    assert {row["service"] for row in status["services"]} >= {"openmeter", "kafka", "sink-worker"}
    assert all(row["well"] and row["version"] and row["restarts"] == 0 for row in status["services"])
    assert status["sink_lag"] == {"events": 2, "consumers": 1}
    shown = devkit("status").out
    assert "sink-worker" in shown
    assert "2 events wait to be stored" in shown
    assert devkit("list", "--output", "json").data[0]["running"]


def test_list_shows_what_runs_for_another_project_or_without_its_state_file(devkit: Program, tmp_path: Path) -> None:
    folder, url = devkit.folder / ".devkit" / "default", devkit.state()["url"]
    seen = Program(tmp_path, devkit.port)("list", "--output", "json").data
    row = {"name": "default", "folder": str(folder), "running": True, "url": url, "pid": None, "here": False}
    assert row in seen
    state = folder / "state.json"
    kept = state.read_bytes()
    state.unlink()
    assert devkit("list", "--output", "json").data[0] == {**row, "here": True}
    state.write_bytes(kept)


def test_the_log_of_one_service_or_of_all(devkit: Program) -> None:
    assert "starting OpenMeter sink-worker" in devkit("logs", "sink-worker").out
    assert "sink-worker | " in devkit("logs").out
    assert "the services are kafka" in devkit("logs", "nothing", code=2).err


def test_a_log_is_followed_until_ctrl_c(devkit: Program, engine: docker.DockerClient) -> None:
    with devkit.start(["logs", "-f", "-n", "1", "redis"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline()
        assert _containers(engine, devkit)["redis"].exec_run(["redis-cli", "bgsave"]).exit_code == 0
        assert any("Background saving started" in line.decode() for line in run.stdout)
        run.send_signal(signal.SIGINT)
        assert run.wait(20) == 130
        assert "Traceback" not in run.stderr.read().decode()


def test_doctor_sees_the_engine_and_the_instance(devkit: Program) -> None:
    found = {row["check"]: row for row in json.loads(devkit("doctor", "--output", "json", code=None).out)["data"]}
    assert found["Docker"]["level"] == "ok"
    assert "answers at" in found["instance default"]["detail"]


def test_one_edited_key_restarts_its_readers_alone_and_says_why(devkit: Program, engine: docker.DockerClient) -> None:
    before = _started(engine, devkit)
    (devkit.folder / "openmeter.yaml").write_text(yaml.safe_dump({"sink": {"minCommitCount": 7}}))
    plan = devkit("up", "--plan").out
    assert "recreate sink-worker: configuration sink.minCommitCount changed" in plan
    answer = devkit("up")
    assert "recreate sink-worker: configuration sink.minCommitCount changed" in answer.out
    after = _started(engine, devkit)
    assert {name for name in before if before[name] != after[name]} == {"sink-worker"}
    (devkit.folder / "openmeter.yaml").unlink()
    _up(devkit)


@pytest.mark.parametrize("service", ["balance-worker", "openmeter"])
def test_a_killed_container_comes_back_alone_on_the_same_port(
    devkit: Program, engine: docker.DockerClient, service: str
) -> None:
    before, ports = _started(engine, devkit), devkit.state()["ports"]
    _containers(engine, devkit)[service].kill()
    again = _up(devkit)
    assert [(row["service"], row["action"]) for row in again["changes"]] == [(service, "start")]
    after = _started(engine, devkit)
    assert {name for name in before if before[name] != after[name]} == {service}
    assert devkit.state()["ports"] == ports


def test_events_are_forgotten_and_streams_sent_again(devkit: Program) -> None:
    devkit("up", "--seed", "minimal")
    assert "no events any more" in devkit("destroy", "--data", "events", "--yes").out
    assert devkit("status", "--output", "json").data["running"]
    assert devkit.state()["streams"] == {}


def test_ctrl_c_twice_while_services_start_leaves_what_the_next_up_finishes(
    devkit: Program, engine: docker.DockerClient
) -> None:
    for each in ("sink-worker", "jobs"):
        _containers(engine, devkit)[each].remove(force=True)
    with devkit.start(["up", "--output", "ndjson"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            event = json.loads(line)
            if event["kind"] == "step_progress" and event.get("message", "").startswith("create "):
                run.send_signal(signal.SIGINT)
            if event["kind"] == "step_progress" and "stopping after this step" in event.get("message", ""):
                run.send_signal(signal.SIGINT)
        assert run.wait() == 130
    _up(devkit)
    assert all(row["well"] for row in devkit("status", "--output", "json").data["services"])


@pytest.mark.parametrize("step", ["preflight", "start services", "wait until healthy", "prove ingest", "seed"])
def test_ctrl_c_at_any_step_ends_after_it_and_the_next_up_carries_on(
    devkit: Program, engine: docker.DockerClient, step: str
) -> None:
    _containers(engine, devkit)["jobs"].remove(force=True)
    said = []
    words = ["up", "--seed", "minimal", "--smoke", "--output", "ndjson"]
    with devkit.start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(json.loads(line))
            if said[-1]["kind"] == "step_started" and said[-1]["step"] == step:
                run.send_signal(signal.SIGINT)
        assert run.wait() == 130
    assert [event["step"] for event in said if event["kind"] == "step_started"][-1] == step
    _up(devkit)
    assert all(row["well"] for row in devkit("status", "--output", "json").data["services"])


def test_where_every_port_is_taken_the_block_moves_and_is_remembered(devkit: Program) -> None:
    before = set(devkit.state()["ports"].values())
    devkit("stop")
    with ExitStack() as taken:
        for port in before:
            taken.enter_context(bind(port))
        moved = _up(devkit)["ports"]
        assert not before & set(moved.values())
    again = _up(devkit)
    assert (again["changed"], again["ports"], devkit.state()["ports"]) == (False, moved, moved)


def test_two_instances_share_nothing_and_destroy_leaves_nothing(devkit: Program, engine: docker.DockerClient) -> None:
    two = devkit("up", "--name", "two", "--output", "json").data
    mine = devkit.state()["ports"]
    assert not set(two["ports"].values()) & set(mine.values())
    assert "there is nobody to ask" in (asked := devkit("destroy", "--name", "two", code=2).err)
    assert all(kind in asked for kind in ("container ", "volume ", "network "))
    devkit("stop", "--name", "two")
    assert devkit("status", "--name", "two", "--output", "json").data["condition"] == "stopped"
    devkit("down", "--name", "two")
    assert _containers(engine, devkit, "two") == {}
    assert _volumes(engine, devkit, "two")
    assert "compose backend" in devkit("up", "--name", "two", "--plan").out
    devkit("destroy", "--name", "two", "--yes")
    assert _volumes(engine, devkit, "two") == []
    assert _up(devkit)["changed"] is False


def test_images_that_cannot_be_had_are_an_error_on_compose_and_no_obstacle_to_auto(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    nobody = free_port()
    (tmp_path / "images.lock").write_text(lock_text({"redis": Image(f"127.0.0.1:{nobody}/redis:1")}))
    program = Program(tmp_path.resolve(), free_block()["openmeter"], {"DEVKIT_IMAGES_FROM": "images.lock"})
    refused = program("up", "--backend", "compose", code=5)
    assert "to be pulled (all of them together take up to 5 GB" in refused.err
    assert "cannot pull" in refused.err
    up = program("up", "--output", "json", DEVKIT_BACKEND="auto").data
    assert up["backend"] == "embedded"
    assert "this instance is on the embedded backend instead" in " ".join(up["notes"])
    assert "embedded backend" in program("up", "--plan", DEVKIT_BACKEND="auto").out
    program("destroy", "--yes")


def _volumes(engine: docker.DockerClient, program: Program, name: str) -> list[str]:
    project = project_name(Instance(program.folder, name))
    return [each.name for each in engine.volumes.list(filters={"label": f"{PROJECT_LABEL}={project}"})]
