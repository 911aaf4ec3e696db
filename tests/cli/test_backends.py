"""Which backend `up` takes, what it says of it, and what one backend can and the other cannot."""

import json
import signal
import subprocess

import pytest

from tests.cli.program import Program

NOWHERE = "unix:///nowhere/docker.sock"
STEPS = ("preflight", "start services", "wait until healthy", "prove ingest", "seed", "send streams", "smoke")


def test_auto_takes_embedded_where_no_engine_answers_and_says_so(devkit: Program) -> None:
    answer = devkit("up", DEVKIT_BACKEND="auto", DOCKER_HOST=NOWHERE)
    assert "embedded backend (auto: no Docker engine answers)" in answer.err
    assert devkit.state()["backend"] == "embedded"


def test_auto_takes_embedded_where_a_socket_is_there_and_nobody_listens(devkit: Program) -> None:
    (devkit.folder / "dead.sock").touch()
    answer = devkit("up", DEVKIT_BACKEND="auto", DOCKER_HOST=f"unix://{devkit.folder}/dead.sock")
    assert "embedded backend (auto: no Docker engine answers)" in answer.err


def test_an_instance_keeps_its_backend_whatever_answers_later(devkit: Program) -> None:
    devkit("up", DEVKIT_BACKEND="auto", DOCKER_HOST=NOWHERE)
    devkit("stop")
    assert "embedded backend" in devkit("up", DEVKIT_BACKEND="auto").err
    devkit("down")
    assert "embedded backend" in devkit("up", DEVKIT_BACKEND="auto").err


def test_another_backend_than_the_instance_has_is_refused(devkit: Program) -> None:
    devkit("up")
    answer = devkit("up", "--backend", "compose", code=2)
    assert "instance default is on the embedded backend, not on compose" in answer.err
    assert "devkit destroy" in answer.err


def test_compose_without_an_engine_says_where_it_looked(devkit: Program) -> None:
    answer = devkit("up", "--backend", "compose", code=4, DOCKER_HOST=NOWHERE)
    assert "no Docker engine answers" in answer.err
    assert "/nowhere/docker.sock (DOCKER_HOST)" in answer.err
    assert "--backend embedded" in answer.err
    # What never ran does not bind: the advice can be taken.
    devkit("up", "--backend", "embedded")


def test_doctor_counts_a_missing_engine_only_where_it_is_wanted(devkit: Program) -> None:
    wanted = {row["check"]: row for row in _findings(devkit, "compose", 1)}
    assert wanted["Docker"]["level"] == "fail"
    needless = {row["check"]: row for row in _findings(devkit, "auto", 0)}
    assert needless["Docker"]["level"] == "ok"
    assert "the embedded backend does without" in needless["Docker"]["detail"]


def _findings(devkit: Program, backend: str, code: int) -> list[dict[str, str]]:
    answer = devkit("doctor", "--output", "json", code=code, DEVKIT_BACKEND=backend, DOCKER_HOST=NOWHERE)
    findings: list[dict[str, str]] = json.loads(answer.out)["data"]
    return findings


def test_the_embedded_server_is_one_process_with_one_log(devkit: Program) -> None:
    devkit("up")
    assert "there is no service kafka" in devkit("logs", "kafka", code=2).err
    assert devkit("logs", "-n", "5").code == 0


@pytest.mark.parametrize("runs", [True, False])
def test_events_can_be_forgotten_alone(devkit: Program, runs: bool) -> None:
    devkit("up", "--seed", "minimal")
    if not runs:
        devkit("stop")
    assert "no events any more" in devkit("destroy", "--data", "events", "--yes").out
    assert devkit("status", "--output", "json").data["running"] is runs
    sent = devkit("up", "--seed", "minimal", "--output", "json").data
    assert sent["streams"], "what went has to be sent again"
    assert not any(row["created"] for row in sent["seeds"]), "the meters stayed"
    assert devkit("stream", "verify").code == 0


def test_events_are_forgotten_only_after_a_yes_and_only_where_there_are_some(devkit: Program) -> None:
    assert "there is no instance default" in devkit("destroy", "--data", "events", "--yes", code=1).err
    devkit("up")
    assert "there is nobody to ask" in devkit("destroy", "--data", "events", code=2).err


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_stops_after_any_step_and_the_same_command_carries_on(devkit: Program, step: str) -> None:
    words = ["up", "--seed", "minimal", "--smoke", "--output", "ndjson"]
    said = []
    with devkit.start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(json.loads(line))
            if said[-1].get("kind") == "step_started" and said[-1]["step"] == step:
                run.send_signal(signal.SIGINT)
        assert run.wait() == 130
    done = [event["step"] for event in said if event["kind"] in ("step_done", "step_failed")]
    assert done == list(STEPS[: STEPS.index(step) + 1])
    after = devkit("up", "--seed", "minimal", "--smoke", "--output", "json").data
    assert after["url"]
