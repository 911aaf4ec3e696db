"""The commands that look at an instance or use it."""

import json
import os
import subprocess
import sys
import time

import pytest

from devkit import __version__
from devkit.core.contract import contract
from tests.cli.program import COMMAND


def test_env_writes_what_a_shell_evaluates(running):
    answer = running("env")
    shell = subprocess.run(
        ["sh", "-c", f'{answer.out}\nprintf %s "$OPENMETER_URL"'], capture_output=True, text=True, check=True
    )
    assert shell.stdout == running.state()["url"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("dotenv", 'OPENMETER_URL="{url}"\n'),
        ("github", "OPENMETER_URL={url}\n"),
        ("sh", "export OPENMETER_URL={url}\n"),
    ],
)
def test_env_has_the_form_that_is_asked_for(running, form, text):
    assert running("env", "--format", form).out == text.format(url=running.state()["url"])


def test_env_as_json_is_an_object(running):
    assert json.loads(running("env", "--format", "json").out) == {"OPENMETER_URL": running.state()["url"]}


def test_env_and_run_of_an_instance_that_does_not_run_say_how_to_start_it(devkit):
    for words in (["env"], ["run", "--", "true"]):
        answer = devkit(*words, code=1)
        assert "error: instance default is not there" in answer.err
        assert "devkit up" in answer.err
    assert "devkit up --name x" in devkit("env", "--name", "x", code=1).err


@pytest.mark.parametrize("code", [0, 1, 7, 130])
def test_run_gives_the_command_the_url_and_passes_its_exit_code_on(running, code):
    script = f"import os, sys; print(os.environ['OPENMETER_URL']); sys.exit({code})"
    assert running("run", "--", sys.executable, "-c", script, code=code).out.strip() == running.state()["url"]


def test_run_passes_arguments_as_they_are(running):
    script = "import sys; print(sys.argv[1:])"
    answer = running("run", "--", sys.executable, "-c", script, "--output", "json", "a b", "--", "--debug")
    assert answer.out.strip() == "['--output', 'json', 'a b', '--', '--debug']"


def test_run_needs_no_dashes(running):
    assert running("run", sys.executable, "-c", "import sys; sys.exit(5)", code=5).err == ""


def test_run_of_a_command_that_is_not_there_is_a_missing_tool(running):
    assert "there is no command no-such-thing" in running("run", "--", "no-such-thing", code=4).err
    assert "error: cannot run" in running("run", "--", str(running.folder), code=4).err


def test_status_of_a_running_instance_tells_where_and_what(running):
    state = running.state()
    found = running("status", "--output", "json").data
    assert found["running"] is True
    assert (found["url"], found["pid"], found["ports"]) == (state["url"], state["process"]["pid"], state["ports"])
    assert found["memory"] > 1_000_000
    assert found["data"] > 0
    assert found["proven_at"] == state["proven_at"]
    text = running("status").out
    assert state["url"] in text
    assert f"pid {state['process']['pid']}" in text


def test_status_shows_where_each_setting_comes_from(devkit):
    (devkit.folder / "devkit.yaml").write_text("smoke: true\n")
    settings = devkit("status", "--settings", "--output", "json").data["settings"]
    assert settings["port"] == {"value": devkit.port, "origin": "DEVKIT_PORT"}
    assert settings["smoke"] == {"value": True, "origin": "devkit.yaml:1:8"}
    assert settings["backend"]["origin"] == "DEVKIT_BACKEND"
    assert settings["seed"]["origin"] == "default"
    assert "from devkit.yaml:1:8" in devkit("status", "--settings").out


def test_settings_that_are_wrong_say_where(devkit):
    (devkit.folder / "devkit.yaml").write_text("port: 1\nsmok: true\n")
    answer = devkit("up", code=2)
    assert "error: devkit.yaml:2:1: smok is no setting" in answer.err
    assert "hint: did you mean smoke?" in answer.err


def test_looking_at_nothing_is_fine_and_makes_nothing(devkit):
    assert "absent" in devkit("status").out
    assert "devkit up" in devkit("status").out
    devkit("list")
    assert "has no log yet" in devkit("logs", code=1).err
    assert list(devkit.folder.iterdir()) == []


def test_list_shows_the_instances_of_the_folder_and_running_ones_elsewhere(devkit, running):
    assert any(
        row["folder"] == str(running.folder / ".devkit/default") and row["running"] and not row["here"]
        for row in devkit("list", "--output", "json").data
    )
    assert f"default  running  {running.state()['url']}" in running("list").out


def test_logs_show_the_last_lines(running):
    assert "listening on" in running("logs").out
    assert running("logs", "--lines", "0").out == ""
    assert len(running("logs", "-n", "1").out.splitlines()) == 1


def test_logs_follow_what_is_added_until_ctrl_c(running):
    log = running.folder / ".devkit/default/agent.log"
    with running.start(["logs", "-f", "--lines", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.readline()
        with log.open("a") as file:
            file.write("a line of the test\n")
        assert run.stdout.readline() == b"a line of the test\n"
        run.send_signal(2)
        assert run.wait(20) == 130


def test_version_tells_all_versions(devkit):
    found = devkit("version", "--output", "json").data
    assert found["devkit"] == __version__
    assert found["openmeter"] == contract().version
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert __version__ in devkit("version").out
    assert devkit("--version").out == f"devkit {__version__}\n"


def test_doctor_finds_a_healthy_machine_and_a_running_instance(running):
    found = {row["check"]: row for row in running("doctor", "--output", "json").data}
    assert {"Python", "packages", "folder", "disk", "port", "loopback", "time zones", "Docker"} < set(found)
    assert found["instance default"]["level"] == "ok"
    assert found["port"]["detail"] == f"{running.port} is used by an instance of this project"
    assert all(row["level"] in ("ok", "warn") for row in found.values())


def test_doctor_warns_of_a_damaged_state_and_of_an_agent_that_is_gone(devkit):
    devkit("up")
    os.kill(devkit.state()["process"]["pid"], 9)
    time.sleep(0.1)
    found = {row["check"]: row for row in devkit("doctor", "--output", "json").data}
    assert "ended without being stopped" in found["instance default"]["detail"]
    (devkit.folder / ".devkit/default/state.json").write_text("{")
    found = {row["check"]: row for row in devkit("doctor", "--output", "json").data}
    assert found["instance default"]["level"] == "warn"
    assert "damaged" in found["instance default"]["detail"]


def test_doctor_fails_where_the_folder_cannot_be_written(devkit):
    (devkit.folder / ".devkit").mkdir()
    shadow = "import sys, tempfile\ndef refuse(*a, **k): raise OSError(30, 'Read-only file system')\n"
    shadow += "tempfile.NamedTemporaryFile = refuse\nfrom devkit.cli.app import main\nmain(sys.argv[1:])"
    for words, code in ((["doctor"], 1), (["doctor", "--output", "json"], 1)):
        run = subprocess.run(
            [sys.executable, "-c", shadow, *words],
            cwd=devkit.folder, env=devkit.variables(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == code
        assert "read-only file system" in " ".join(run.stdout.split())
        assert "Traceback" not in run.stderr


def test_the_folder_that_is_gone_is_an_error(devkit):
    inner = devkit.folder / "gone"
    inner.mkdir()
    script = f"cd {inner} && rmdir {inner} && {' '.join(COMMAND)} status"
    run = subprocess.run(["sh", "-c", script], env=devkit.variables(), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "the current folder is gone" in run.stderr
