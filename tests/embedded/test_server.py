"""The embedded server on a real socket: `devkit serve` in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from devkit.core.contract import contract
from devkit.embedded.app import HANDLERS
from tests.servers import embedded_server, environment


@contextmanager
def serve(*flags: str) -> Iterator[subprocess.Popen[str]]:
    """`devkit serve` with these flags, its stderr readable line by line."""
    command = [sys.executable, "-m", "devkit", "serve", *flags]
    with subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            yield server
        finally:
            if server.poll() is None:
                server.kill()


def url_of(server: subprocess.Popen[str]) -> str:
    """The URL in the line that says that it is ready."""
    assert server.stderr is not None
    line = server.stderr.readline()
    assert line.startswith("OpenMeter at http://127.0.0.1:"), line + server.stderr.read()
    return line.split()[2].rstrip(",")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals of this kind")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_it_is_ready_and_ends_cleanly(tmp_path: Path, ending: signal.Signals) -> None:
    with serve("--port", "0", "--data", str(tmp_path / "data")) as server:
        url = url_of(server)
        assert httpx.get(f"{url}/healthz/ready").text == "ok"
        server.send_signal(ending)
        assert server.wait(20) == 0
        assert server.stderr is not None
        assert server.stderr.read() == ""


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        with serve("--port", port, "--data", str(tmp_path / "data")) as server:
            _, error = server.communicate(timeout=20)
    assert server.returncode == 1
    assert f"port {port} is taken by" in error
    assert "--port 0" in error
    assert "Traceback" not in error


def test_a_folder_in_use_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with embedded_server(data), serve("--port", "0", "--data", str(data)) as server:
        _, error = server.communicate(timeout=20)
    assert server.returncode == 1
    assert f"the data folder {data} is in use by another process" in error
    assert "Traceback" not in error


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serve("--port", "0", "--data", str(tmp_path / "file" / "data")) as server:
        _, error = server.communicate(timeout=20)
    assert server.returncode == 1
    assert "cannot use the data folder" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("part", ["records.sqlite", "events"])
def test_data_of_another_kind_is_named(tmp_path: Path, part: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / part).write_text("this is no database, and it is longer than the header of one " * 20)
    with serve("--port", "0", "--data", str(tmp_path / "data")) as server:
        _, error = server.communicate(timeout=20)
    assert server.returncode == 1
    assert "cannot use the data folder" in error
    assert "Traceback" not in error


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    meter = {"slug": "calls", "aggregation": "COUNT", "eventType": "request"}
    event = {"id": "1", "source": "s", "specversion": "1.0", "type": "request", "subject": "acme"}
    with embedded_server(tmp_path / "data") as url:
        assert httpx.post(f"{url}/api/v1/meters", json=meter).status_code == 200
        assert httpx.post(f"{url}/api/v1/events", json=event).status_code == 204
    with embedded_server(tmp_path / "data") as url:
        assert httpx.get(f"{url}/api/v1/meters/calls/query").json()["data"][0]["value"] == 1


def test_one_connection_carries_many_requests(tmp_path: Path) -> None:
    with embedded_server(tmp_path / "data") as url, httpx.Client(base_url=url) as client:
        statuses = [client.get(target).status_code for target in ("/api/v1/meters", "/nothing", "/api/v1/meters/a")]
        assert statuses == [200, 404, 404]
        head = client.head("/api/v1/meters")
        assert (head.status_code, head.content) == (405, b"")
        assert client.post("/api/v1/subjects", json=[{"key": "a"}]).status_code == 200
        assert client.get("/api/v1/subjects/a").headers["x-powered-by"] == "OpenMeter by Kong, Inc."


def test_coverage_prints_the_ledger() -> None:
    with serve("--coverage") as server:
        output, _ = server.communicate(timeout=20)
    assert server.returncode == 0
    lines = output.splitlines()
    assert "Meters: 9 of 9" in lines
    assert "  yes  createMeter" in lines
    told = {line.split()[1]: line.split()[0] for line in lines if line.startswith("  ")}
    assert told == {name: "yes" if name in HANDLERS else "501" for name in contract().operations}
    assert lines[-1].startswith(f"{len(HANDLERS)} of 153 operations")
