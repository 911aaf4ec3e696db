"""devkit standin ngrok."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from devkit.cli import boundary
from devkit.cli.app import app
from tests.servers import environment, free_port
from tests.upstream import Upstream


def run(arguments: list[str]) -> int:
    return boundary.run(app, arguments)


def test_it_serves_an_endpoint_until_it_is_ended(behind: Upstream) -> None:
    command = [sys.executable, "-m", "devkit", "standin", "ngrok", str(behind.port), "--port", "0"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        api = re.findall(r"http://[\d.:]+", running.stderr.readline())[0]
        public = re.findall(r"http://[\d.:]+", running.stderr.readline())[0]
        try:
            assert httpx.post(public, content=b"x", trust_env=False).content == b"x"
            (listed,) = httpx.get(f"{api}/api/endpoints", trust_env=False).json()["endpoints"]
            assert listed["url"] == public
        finally:
            running.terminate()
        assert running.wait(20) == 0


def test_it_writes_an_executable_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = tmp_path / "a folder" / "ngrok"
    wanted.parent.mkdir()

    assert run(["standin", "ngrok", "--executable", str(wanted)]) == 0
    assert capsys.readouterr().out == f"{wanted}\n"
    assert subprocess.run([wanted, "--version"], capture_output=True, text=True, check=True).stdout.startswith("ngrok ")
    assert run(["standin", "ngrok", "--executable", str(wanted)]) == 2
    assert run(["standin", "ngrok", "--executable", str(tmp_path / "none" / "ngrok")]) == 1


def test_a_taken_port_and_an_address_that_is_none_are_told(
    behind: Upstream, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["standin", "ngrok", "--port", str(behind.port)]) == 1
    assert f"port {behind.port}" in capsys.readouterr().err
    assert run(["standin", "ngrok", "https://x", "--port", str(free_port())]) == 2
    assert "hint: give a port" in capsys.readouterr().err


def test_the_executable_and_an_endpoint_do_not_go_together(tmp_path: Path) -> None:
    assert run(["standin", "ngrok", "1", "--executable", str(tmp_path / "x")]) == 2
    assert not (tmp_path / "x").exists()
