"""Progress of a command: a bar on a terminal, a line now and then elsewhere, events for programs."""

import io
import json

import pytest

from devkit.cli import progress_bar
from devkit.cli.output import Output
from devkit.cli.progress_bar import progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    with progress(Output.text, "events", screen) as report:
        report("prompts", 0, 100)
        report("prompts", 50, 100)
        report("prompts: comparing totals", None, None)
        report("prompts", 100, 100)
    shown = screen.getvalue()
    assert "prompts" in shown
    assert "100%" in shown
    assert shown.endswith("\x1b[2K"), "the last thing is to wipe the line"


def test_elsewhere_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "_QUIET", 0)
    log = io.StringIO()
    with progress(Output.text, "events", log) as report:
        report("prompts", 5000, 20000)
        report("prompts: comparing totals", None, None)
    assert log.getvalue() == "prompts: 5,000 of 20,000 events (25%)\nprompts: comparing totals\n"


def test_short_work_says_nothing_in_a_log() -> None:
    log = io.StringIO()
    with progress(Output.text, "events", log) as report:
        report("prompts", 5000, 20000)
    assert not log.getvalue()


def test_programs_get_events(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Output.ndjson, "events") as report:
        report("prompts", 5000, 20000)
    event = json.loads(capsys.readouterr().out)
    assert (event["kind"], event["step"], event["done"], event["total"]) == ("step_progress", "prompts", 5000, 20000)
