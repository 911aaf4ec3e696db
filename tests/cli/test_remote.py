"""`--backend remote`: the same commands on a server that runs elsewhere. Here it is an embedded one."""

import json

from tests.cli.program import Program


def test_a_server_elsewhere_is_proven_seeded_streamed_and_checked(devkit: Program, embedded_url: str) -> None:
    first = devkit(
        "up", "--url", embedded_url, "--seed", "minimal", "--smoke", "--output", "json", DEVKIT_BACKEND="auto"
    )
    assert (first.data["backend"], first.data["url"], first.data["ports"]) == ("remote", embedded_url, {})
    assert first.data["seeds"]
    assert first.data["smoke"]
    again = devkit("up", "--output", "json", DEVKIT_BACKEND="auto").data
    assert (again["backend"], again["url"], again["changed"]) == ("remote", embedded_url, False)
    status = devkit("status", "--output", "json").data
    assert (status["condition"], status["backend"], status["services"]) == ("running", "remote", [])
    assert f"OPENMETER_URL={embedded_url}" in devkit("env").out
    assert devkit("seed", "apply", "minimal").code == 0
    assert devkit("stream", "verify", "minimal").code == 0


def test_it_is_neither_stopped_nor_removed(devkit: Program, embedded_url: str) -> None:
    devkit("up", "--backend", "remote", "--url", embedded_url)
    assert "there was nothing to stop" in devkit("stop").out
    assert "running" in devkit("status").out
    assert "it runs elsewhere" in devkit("logs", code=2).err
    assert "OpenMeter's API deletes no events" in devkit("destroy", "--data", "events", "--yes", code=2).err
    devkit("destroy", "--yes")
    assert not (devkit.folder / ".devkit").exists()
    assert devkit("smoke", "--url", embedded_url, "--tag", "debug").code == 0


def test_without_a_url_there_is_nothing_to_talk_to(devkit: Program) -> None:
    answer = devkit("up", "--backend", "remote", code=2)
    assert "where does OpenMeter run?" in answer.err
    assert "--url" in answer.err


def test_a_server_that_does_not_answer_is_unreachable(devkit: Program) -> None:
    answer = devkit("up", "--backend", "remote", "--url", f"http://127.0.0.1:{devkit.port}", code=5)
    assert "no answer from" in answer.err


def test_the_token_is_kept_for_its_owner_and_never_shown(devkit: Program, embedded_url: str) -> None:
    up = devkit("up", "--backend", "remote", "--url", embedded_url, "--output", "json", DEVKIT_TOKEN="hush-hush")
    shown = [up, devkit("status", "--settings", DEVKIT_TOKEN="hush-hush"), devkit("up", "--plan")]
    assert not any("hush-hush" in answer.out + answer.err for answer in shown)
    assert devkit.state()["api_token"] == "hush-hush"
    assert (devkit.folder / ".devkit/default/state.json").stat().st_mode & 0o077 == 0
    assert json.loads(devkit("env", "--format", "json").out)["OPENMETER_TOKEN"] == "hush-hush"


def test_another_url_begins_anew(devkit: Program, embedded_url: str) -> None:
    devkit("up", "--backend", "remote", "--url", embedded_url)
    assert devkit.state()["proven_at"]
    devkit("up", "--backend", "remote", "--url", embedded_url.replace("127.0.0.1", "localhost"), code=None)
    assert devkit.state()["url"].startswith("http://localhost")


def test_the_plan_names_the_server(devkit: Program, embedded_url: str) -> None:
    plan = devkit("up", "--backend", "remote", "--url", embedded_url, "--plan").out
    assert f"remote backend at {embedded_url}" in plan
    assert list(devkit.folder.iterdir()) == []
