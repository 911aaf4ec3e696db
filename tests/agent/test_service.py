"""The agent as a process: it serves, says who it is, ends cleanly, and leaves a port to whoever has it."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import devkit
from devkit.adapters.probe import identity_at, serves
from devkit.core.agent_files import PORT_TAKEN, read_marker
from devkit.core.instance import Instance, prepare_folder
from devkit.core.ports import bind
from devkit.core.processes import is_alive
from devkit.core.state import State, write_state
from tests.servers import free_port

AGENT = """
import json, sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from devkit.agent.service import run_agent
from devkit.core.instance import Instance
from devkit.embedded.server import run

@contextmanager
def app(data, token):
    body = json.dumps({"instance": token, "version": "1", "pid": 1}).encode()
    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
    if token == "broken":
        raise RuntimeError("the data is broken")
    def serve(listener, ready):
        run(answer, listener, ready=ready)
    yield SimpleNamespace(serve=serve, reached_at=print, renew_webhook=print)
    (data.parent / "closed").touch()

sys.exit(run_agent(Instance.of_folder(Path(sys.argv[1])), app))
"""


@pytest.fixture
def instance(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    return instance


@pytest.fixture
def agent(instance):
    started = []

    def start(port, token="mine"):
        url = f"http://127.0.0.1:{port}"
        write_state(instance, State(backend="embedded", token=token, ports={"openmeter": port}, url=url))
        environment = {**os.environ, "PYTHONPATH": str(Path(devkit.__file__).parents[1])}
        child = subprocess.Popen([sys.executable, "-c", AGENT, str(instance.folder)], env=environment)
        started.append(child)
        return child, url

    yield start
    for child in started:
        child.kill()
        child.wait()


def answering(url: str, token: str = "mine") -> None:
    deadline = time.monotonic() + 20
    while not serves(url, token):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_answers_with_the_token_of_the_instance_and_leaves_a_marker(agent, instance):
    child, url = agent(free_port())
    answering(url)
    marker = read_marker(instance)
    assert marker is not None
    assert (marker.process.pid, marker.token, marker.version) == (child.pid, "mine", devkit.__version__)
    assert is_alive(marker.process)
    assert not serves(url, "another")
    assert identity_at(url) == {"instance": "mine", "version": "1", "pid": 1}


def test_sigterm_ends_it_cleanly(agent, instance):
    child, url = agent(free_port())
    answering(url)
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    assert not instance.agent_file.exists()
    assert (instance.folder / "closed").exists()
    assert "stopped" in instance.log_file.read_text()


def test_a_hang_up_does_not_end_it(agent):
    child, url = agent(free_port())
    answering(url)
    child.send_signal(signal.SIGHUP)
    answering(url)
    assert child.poll() is None


def test_a_taken_port_ends_it_with_a_code_of_its_own(agent, instance):
    with bind(0) as listener:
        child, _ = agent(listener.getsockname()[1])
        assert child.wait(20) == PORT_TAKEN
    assert "is taken" in instance.log_file.read_text()


def test_an_error_while_starting_stands_in_the_log(agent, instance):
    child, _ = agent(free_port(), token="broken")
    assert child.wait(20) == 1
    assert "RuntimeError: the data is broken" in instance.log_file.read_text()


def test_without_a_state_file_it_says_what_is_missing(instance):
    command = [sys.executable, "-m", "devkit.agent", "--folder", str(instance.folder)]
    environment = {**os.environ, "PYTHONPATH": str(Path(devkit.__file__).parents[1])}
    assert subprocess.run(command, env=environment, check=False, timeout=20).returncode == 1
    assert "state.json is missing" in instance.log_file.read_text()


def test_the_log_is_for_its_owner_only(agent, instance):
    _, url = agent(free_port())
    answering(url)
    assert stat.S_IMODE(instance.log_file.stat().st_mode) == 0o600


def test_another_server_on_the_port_is_not_taken_for_an_instance():
    code = "import http.server; s = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)"
    code += "; print(s.server_port, flush=True); s.handle_request()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        assert identity_at(f"http://127.0.0.1:{port}") is None


def test_nobody_answers_on_a_free_port():
    assert identity_at(f"http://127.0.0.1:{free_port()}", timeout=1) is None
