"""What a terminal, a pipe and a program see; and that the agent outlives the terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Sequence

import pytest

from devkit.adapters.probe import serves
from devkit.core.processes import Process, is_alive
from tests.cli.program import COMMAND, Program

ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(rb"\x1b\[[0-9;]*3[0-7][0-9;]*m|\x1b\[[0-9;]*9[0-7]m")


def on_terminal(program: Program, words: Sequence[str], **environment: str) -> tuple[int, bytes]:
    """Runs devkit on a pseudo-terminal of its own and returns its exit code and all that was painted."""
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(program.folder)
        os.execvpe(COMMAND[0], [*COMMAND, *words], {**program.variables(), "TERM": "xterm-256color", **environment})
    painted = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        readable, _, _ = select.select([screen], [], [], 0.5)
        if readable:
            try:
                painted += os.read(screen, 65536)
            except OSError:  # the program closed its end
                break
    _, status = os.waitpid(pid, 0)
    os.close(screen)
    return os.waitstatus_to_exitcode(status), painted


@pytest.fixture
def at_home(monkeypatch):
    """Not in CI, where a terminal gets plain lines too."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("at_home")
def test_a_terminal_gets_a_live_table_in_colour(running):
    code, painted = on_terminal(running, ["up"])
    assert code == 0
    assert COLOUR.search(painted)
    assert "✓".encode() in painted


@pytest.mark.usefixtures("at_home")
def test_no_color_takes_the_colours_and_leaves_the_table(running):
    _, painted = on_terminal(running, ["up"], NO_COLOR="1")
    assert not COLOUR.search(painted)
    assert "✓".encode() in painted


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}])
def test_a_dumb_terminal_and_ci_get_plain_lines_without_any_escape(running, environment):
    _, painted = on_terminal(running, ["up"], **environment)
    assert not ESCAPE.search(painted)
    assert b"ok    start services" in painted


@pytest.mark.usefixtures("at_home")
def test_only_colours_that_show_on_dark_and_on_light_ground_are_used(running):
    _, painted = on_terminal(running, ["up"])
    numbers = {int(n) for match in COLOUR.findall(painted) for n in re.findall(rb"\d+", match)}
    assert numbers <= {0, 1, 31, 32}  # bold, red and green


@pytest.mark.usefixtures("at_home")
def test_the_table_and_the_summary_fit_eighty_columns(running):
    _, painted = on_terminal(running, ["up"], COLUMNS="80")
    lines = ESCAPE.sub(b"", painted).decode().replace("\r", "\n").splitlines()
    too_wide = [line for line in lines if len(line) > 80 and str(running.folder) not in line]
    assert too_wide == []


def test_the_agent_outlives_the_terminal_it_was_started_from(devkit):
    code, _ = on_terminal(devkit, ["up"])
    assert code == 0
    state = devkit.state()
    assert is_alive(Process(state["process"]["pid"], state["process"]["created"]))
    assert serves(state["url"], state["token"], timeout=10)


def test_a_hang_up_while_a_shell_still_runs_leaves_the_agent_alone(devkit):
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(devkit.folder)
        shell = f"{' '.join(COMMAND)} up && echo all''done && sleep 60"
        os.execvpe("sh", ["sh", "-c", shell], devkit.variables())
    painted = b""
    while b"alldone" not in painted:
        painted += os.read(screen, 65536)
    os.close(screen)  # the terminal goes, and the kernel sends SIGHUP to all in its foreground
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    state = devkit.state()
    assert serves(state["url"], state["token"], timeout=10)


def test_ctrl_c_while_up_runs_ends_after_the_step_with_130_and_up_again_carries_on(devkit):
    with devkit.start(["up", "--output", "ndjson"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if json.loads(line)["kind"] == "step_started":
                run.send_signal(signal.SIGINT)
                break
        rest = [json.loads(line) for line in run.stdout]
        assert run.wait(60) == 130
    assert rest[-1]["error"]["exit_code"] == 130
    assert "interrupted" in rest[-1]["error"]["message"]
    assert [event["kind"] for event in rest].count("step_started") == 0
    assert devkit("up", "--output", "json").data["changed"]


@pytest.mark.parametrize("words", [["--help"], ["status"], ["up"], ["up", "--output", "ndjson"], ["ops"]])
def test_a_pipe_that_is_closed_early_ends_quietly(running, words):
    with running.start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        talk = run.stderr.read()
        run.wait(60)
    assert b"Traceback" not in talk
    assert b"BrokenPipe" not in talk
    assert b"Exception" not in talk


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")  # noqa: PTH110
def test_an_answer_that_cannot_be_written_is_an_error_and_not_a_traceback(running):
    with open("/dev/full", "wb") as full, running.start(["version"], stdout=full, stderr=subprocess.PIPE) as run:  # noqa: PTH123
        assert run.stderr is not None
        talk = run.stderr.read().decode()
        assert run.wait(60) == 1
    assert "error: cannot write: no space left on device" in talk
    assert "Traceback" not in talk


def test_a_terminal_without_unicode_gets_what_it_can_show(running):
    _, painted = on_terminal(running, ["up"], PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert painted.isascii()
    assert b"prove ingest" in painted


def test_ndjson_tells_all_events_and_ends_with_the_result(running):
    events = [json.loads(line) for line in running("up", "--output", "ndjson").out.splitlines()]
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "run_started"
    assert kinds[-2:] == ["run_finished", "result"]
    steps = [event["step"] for event in events if event["kind"] in ("step_done", "step_skipped")]
    assert tuple(steps) == tuple(events[0]["steps"])
    assert events[-1]["ok"] is True
    assert events[-1]["data"]["changed"] is False


def test_data_goes_to_stdout_and_talk_to_stderr(running):
    answer = running("up", "--output", "json")
    assert json.loads(answer.out)["command"] == "up"
    assert "start services" in answer.err
