"""devkit smoke, as typed: exit codes, what goes to stdout, and reports."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.checks.registry import all_checks
from devkit.cli import boundary
from devkit.cli.app import app
from tests.checks.lying_proxy import Asked, Forward, Said, lying_proxy

Smoke = Callable[..., tuple[int, str, str]]


@pytest.fixture
def smoke(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Smoke:
    """Runs `devkit smoke …` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENMETER_URL", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = boundary.run(app, ["smoke", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def _without_euro(asked: Asked, forward: Forward) -> Said:
    said = forward(asked)
    if asked.operation != "listCurrencies":
        return said
    return said.saying([one for one in said.document if one["code"] != "EUR"])


def test_all_passed_is_0_with_the_ledger_on_stdout(smoke: Smoke, embedded_url: str) -> None:
    code, out, err = smoke("--url", embedded_url, "--tag", "lookup-information")
    assert code == 0
    assert "Lookup Information" in out
    assert "2 of 2" in out
    assert "3 checks passed; 3 of 153 operations" in out
    assert "lookup_information/currencies-are-listed" in err
    assert "lookup_information/currencies-are-listed" not in out


def test_a_failed_check_is_1_and_shows_the_sentence_and_the_exchange(smoke: Smoke, embedded_url: str) -> None:
    with lying_proxy(embedded_url, _without_euro) as url:
        code, out, err = smoke("--url", url, "--tag", "lookup-information")
    assert code == 1
    assert "FAILED lookup_information/currencies-are-listed\n    the currencies of ISO 4217" in out
    assert 'the first codes[1]: expected "EUR", got "GBP"' in out
    assert "GET /api/v1/info/currencies" in out
    assert "error: 1 of 3 checks failed" in err
    assert "Traceback" not in out + err


def test_json_is_one_envelope_also_when_a_check_failed(smoke: Smoke, embedded_url: str) -> None:
    with lying_proxy(embedded_url, _without_euro) as url:
        code, out, _ = smoke("--url", url, "--tag", "lookup-information", "--output", "json")
    envelope = json.loads(out)
    assert (code, envelope["ok"], envelope["command"]) == (1, False, "smoke")
    assert envelope["error"]["exit_code"] == 1
    failed = [one for one in envelope["data"]["checks"] if one["status"] == "failed"]
    assert [one["name"] for one in failed] == ["lookup_information/currencies-are-listed"]
    assert failed[0]["message"] == 'the first codes[1]: expected "EUR", got "GBP"'


def test_ndjson_has_the_events_and_then_the_result(smoke: Smoke, embedded_url: str) -> None:
    code, out, _ = smoke("--url", embedded_url, "--tag", "debug", "--output", "ndjson")
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert code == 0
    assert kinds == ["run_started", "step_started", "step_done", "run_finished", "result"]


def test_no_server_is_5(smoke: Smoke) -> None:
    code, _, err = smoke("--url", "http://127.0.0.1:1")
    assert (code, err.splitlines()[0].startswith("error: no answer from http://127.0.0.1:1")) == (5, True)
    code, _, err = smoke()
    assert (code, err.splitlines()[0]) == (5, "error: instance default does not run")


@pytest.mark.parametrize("url", [(), ("--url", "http://127.0.0.1:1")])
def test_an_unknown_tag_is_2_and_names_the_nearest(smoke: Smoke, url: tuple[str, ...]) -> None:
    code, _, err = smoke(*url, "--tag", "metres")
    assert code == 2
    assert "there is no API tag 'metres'" in err
    assert "did you mean Meters?" in err


def test_a_server_that_goes_away_is_5_and_still_reported(smoke: Smoke, embedded_url: str, tmp_path: Path) -> None:
    answered = 0

    def lie(asked: Asked, forward: Forward) -> Said:
        nonlocal answered
        answered += 1
        if answered > 4:
            raise ConnectionAbortedError
        return forward(asked)

    with lying_proxy(embedded_url, lie) as url:
        code, _, err = smoke("--url", url, "--junit", "report.xml")
    assert code == 5
    assert "stopped answering during the checks" in err
    assert len(list(ET.parse(tmp_path / "report.xml").getroot().iter("testcase"))) == len(all_checks())


def test_a_junit_file_that_cannot_be_written_is_told_before_the_run(smoke: Smoke, embedded_url: str) -> None:
    Path("file").write_text("")
    code, out, err = smoke("--url", embedded_url, "--junit", "file/report.xml")
    assert (code, out) == (2, "")
    assert "cannot write file/report.xml" in err


def test_list_needs_no_server(smoke: Smoke) -> None:
    code, out, _ = smoke("--list", "--tag", "debug")
    assert (code, out.splitlines()[0]) == (0, "debug/metrics-count-todays-events")
    code, out, _ = smoke("--list", "--output", "json")
    data: dict[str, Any] = json.loads(out)["data"]
    assert [one["name"] for one in data["checks"]] == [one.name for one in all_checks()]


def test_keep_names_what_is_left(smoke: Smoke, embedded_url: str) -> None:
    code, out, _ = smoke("--url", embedded_url, "--tag", "debug", "--keep")
    assert code == 0
    assert "kept: everything whose name contains " in out


def test_ctrl_c_is_130_and_leaves_nothing_behind(embedded_url: str, tmp_path: Path) -> None:
    slugs: set[str] = set()
    created = Event()

    def lie(asked: Asked, forward: Forward) -> Said:
        if asked.operation == "listEventsV2":
            return Said(200, {"content-type": "application/json"}, b'{"items":[]}')
        said = forward(asked)
        if asked.operation == "createMeter":
            slugs.add(json.loads(asked.body)["slug"])
            created.set()
        return said

    with lying_proxy(embedded_url, lie) as url, (tmp_path / "out").open("wb") as out:
        command = [sys.executable, "-m", "devkit", "smoke", "--url", url, "--tag", "meters", "--output", "json"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL) as run:
            assert created.wait(60)
            run.send_signal(signal.SIGINT)
            code = run.wait(60)
    envelope = json.loads((tmp_path / "out").read_text())
    assert (code, envelope["error"]["message"]) == (130, "interrupted")
    with OpenMeter(embedded_url) as client:
        assert slugs.isdisjoint(one["slug"] for one in client.call("listMeters"))
