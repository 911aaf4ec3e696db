"""Every way to fail ends in a message, a hint and its exit code; nobody sees a traceback who did not ask."""

import json
import tempfile
from pathlib import Path

import pytest
import typer

from devkit.cli import boundary
from devkit.core.errors import (
    DevkitError,
    InputError,
    InterruptedByUser,
    MissingToolError,
    Place,
    UnreachableError,
    UsageError,
)

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
RAISED: list[BaseException] = []


@app.command()
def fail(output: str = "text") -> None:
    raise RAISED[0]


@app.command()
def other(number: int) -> None:
    typer.echo(number)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.delenv("DEVKIT_DEBUG", raising=False)

    def failing(error, *arguments):
        RAISED[:] = [error]
        code = boundary.run(app, ["fail", *arguments])
        return code, *capsys.readouterr()

    return failing


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DevkitError("x"), 1),
        (UsageError("x"), 2),
        (InputError("x", place=Place("a.yaml", 3, 4)), 2),
        (MissingToolError("x"), 4),
        (UnreachableError("x"), 5),
        (InterruptedByUser("x"), 130),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (typer.Exit(7), 7),
        (SystemExit(9), 9),
        (SystemExit(None), 0),
        (ValueError("x"), 3),
        (RecursionError(), 3),
    ],
)
def test_each_failure_has_its_exit_code_and_no_traceback(run, error, code):
    found, out, err = run(error)
    assert found == code
    assert out == ""
    assert "Traceback" not in err


def test_a_known_error_shows_cause_evidence_and_way_out(run):
    _, out, err = run(DevkitError("it broke", evidence=["line 1", "line 2"], hint="mend it"))
    assert out == ""
    assert err == "error: it broke\n    line 1\n    line 2\nhint: mend it\n"


def test_a_bug_leaves_a_report_without_the_values_of_arguments(run, tmp_path):
    (tmp_path / ".devkit").mkdir()
    _, _, err = run(ValueError("boom"), "--output=text")
    report = Path(err.split("are in ")[1].split()[0])
    assert report.parent == tmp_path / ".devkit"
    text = report.read_text()
    assert "ValueError: boom" in text
    assert "flags: --output\n" in text
    assert "report it" in err


def test_a_bug_in_a_folder_without_state_leaves_its_report_where_temporary_files_are(run, tmp_path):
    _, _, err = run(ValueError("boom"))
    report = Path(err.split("are in ")[1].split()[0])
    assert report.parent == tmp_path / "temporary"
    assert report.stat().st_mode & 0o777 == 0o600


def test_the_traceback_is_shown_to_those_who_ask(run, monkeypatch):
    monkeypatch.setenv("DEVKIT_DEBUG", "1")
    _, _, err = run(DevkitError("it broke"))
    assert "Traceback" in err


@pytest.mark.parametrize("flag", [["--output", "json"], ["--output=json"], ["--output", "ndjson"]])
def test_programs_get_the_error_as_one_envelope(run, flag):
    code, out, err = run(UsageError("it broke", hint="mend it", evidence=["a"]), *flag)
    assert (code, err) == (2, "")
    envelope = json.loads(out)
    assert envelope["ok"] is False
    assert envelope["command"] == "fail"
    assert envelope["error"] == {
        "kind": "UsageError", "message": "it broke", "hint": "mend it", "evidence": ["a"], "exit_code": 2,
    }  # fmt: skip


def test_programs_get_a_bug_as_an_envelope_too(run):
    code, out, _ = run(ValueError("boom"), "--output", "json")
    assert code == 3
    assert json.loads(out)["error"]["kind"] == "Bug"


def test_wrong_flags_get_typers_own_words_and_exit_code_2(capsys):
    assert boundary.run(app, ["other", "many"]) == 2
    captured = capsys.readouterr()
    assert "Usage: devkit other" in captured.err
    assert "Error: Invalid value for" in captured.err
    assert captured.out == ""


def test_wrong_flags_are_an_envelope_for_programs(capsys):
    assert boundary.run(app, ["other", "many", "--output", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "UsageError"


def test_the_output_of_a_command_that_is_run_is_not_ours(capsys):
    assert boundary.run(app, ["other", "many", "--", "--output", "json"]) == 2
    assert capsys.readouterr().out == ""
