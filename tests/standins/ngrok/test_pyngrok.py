"""The real pyngrok drives the stand-in as it drives the agent."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyngrok import conf, ngrok
from pyngrok.exception import PyngrokNgrokError, PyngrokNgrokHTTPError

from devkit.core.processes import Process, end, is_alive, process_of
from devkit.standins.ngrok.modes import REFUSED, VARIABLE
from tests.servers import free_port
from tests.upstream import Upstream

Configuration = Callable[..., conf.PyngrokConfig]


def send(url: str | None, path: str, **options: Any) -> httpx.Response:
    return httpx.post(f"{url}{path}", trust_env=False, **options)


@pytest.mark.parametrize("version", ["3", "2"])
def test_a_tunnel_forwards_the_body_and_the_signature_as_they_are(
    configuration: Configuration, behind: Upstream, version: str
) -> None:
    tunnel = ngrok.connect(str(behind.port), pyngrok_config=configuration(version=version))
    answer = send(tunnel.public_url, "/api//x/%2e?a=1", content=b'{ "a" :1}', headers={"Stripe-Signature": "t=1,v1=2"})

    assert (answer.status_code, answer.content, answer.headers["x-upstream"]) == (202, b'{ "a" :1}', "yes")
    (came,) = behind.seen
    assert (came.method, came.target, came.body) == ("POST", "/api//x/%2e?a=1", b'{ "a" :1}')
    headers = dict(came.headers)
    assert headers["stripe-signature"] == "t=1,v1=2"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == headers["host"] == f"{tunnel.public_url}".removeprefix("http://")


def test_tunnels_are_listed_and_closed(configuration: Configuration, behind: Upstream) -> None:
    own = configuration()
    tunnel = ngrok.connect(str(behind.port), pyngrok_config=own)

    assert [t.public_url for t in ngrok.get_tunnels(own)] == [tunnel.public_url]
    ngrok.disconnect(f"{tunnel.public_url}", own)
    assert ngrok.get_tunnels(own) == []
    with pytest.raises(httpx.ConnectError):
        send(tunnel.public_url, "/")


def test_a_reserved_address_is_the_same_after_a_restart_and_has_one_holder(
    configuration: Configuration, behind: Upstream
) -> None:
    own, wanted = configuration(), f"http://127.0.0.1:{free_port()}"
    for _ in range(2):
        assert ngrok.connect(str(behind.port), url=wanted, pyngrok_config=own).public_url == wanted
        with pytest.raises(PyngrokNgrokHTTPError, match="ERR_NGROK_334"):
            ngrok.connect(str(behind.port), url=wanted, pyngrok_config=own)
        ngrok.kill(own)


def test_options_of_the_second_version_are_refused_by_the_third(configuration: Configuration) -> None:
    with pytest.raises(PyngrokNgrokHTTPError) as refused:
        ngrok.connect("48888", bind_tls=True, pyngrok_config=configuration())
    assert '"error_code": 102' in refused.value.body
    assert "schemes" in refused.value.body


def test_an_upstream_that_is_down_is_a_502(configuration: Configuration) -> None:
    tunnel = ngrok.connect(str(free_port()), pyngrok_config=configuration())
    answer = send(tunnel.public_url, "/")

    assert (answer.status_code, answer.headers["ngrok-error-code"]) == (502, "ERR_NGROK_8012")


def test_without_a_token_the_agent_does_not_start(configuration: Configuration) -> None:
    with pytest.raises(PyngrokNgrokError) as failed:
        ngrok.connect("48888", pyngrok_config=configuration(token=""))
    assert failed.value.ngrok_error_code == "ERR_NGROK_4018"


@pytest.mark.parametrize("mode", REFUSED)
def test_the_agent_fails_to_start_as_asked(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv(VARIABLE, mode)
    with pytest.raises(PyngrokNgrokError) as failed:
        ngrok.connect("48888", pyngrok_config=configuration())
    if mode == "bind":
        assert "address already in use" in str(failed.value)
    else:
        assert failed.value.ngrok_error_code == f"ERR_NGROK_{mode}"


def test_an_endpoint_moves_to_another_address(configuration: Configuration, behind: Upstream) -> None:
    own = configuration()
    before = ngrok.connect(str(behind.port), pyngrok_config=own)
    send(before.api_url, "/_standin/move").raise_for_status()
    (after,) = ngrok.get_tunnels(own)

    assert after.public_url != before.public_url
    assert send(after.public_url, "/").status_code == 202


@pytest.mark.parametrize("how", ["told", "mode"])
def test_the_agent_dies_on_demand(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, behind: Upstream, how: str
) -> None:
    if how == "mode":
        monkeypatch.setenv(VARIABLE, "die")
    own = configuration()
    tunnel = ngrok.connect(str(behind.port), pyngrok_config=own)
    if how == "told":
        send(tunnel.api_url, "/_standin/die").raise_for_status()
    assert ngrok.get_ngrok_process(own).proc.wait(10) == 0


PARENT = """
import subprocess, sys
command = [sys.argv[1], "start", "--none", "--log", "stdout", "--authtoken", "x"]
agent = subprocess.Popen(command, stdout=subprocess.PIPE)
agent.stdout.readline()
print(agent.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("mode", ["", "outlive"])
def test_the_agent_ends_with_its_parent_unless_asked_to_outlive_it(
    executable: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv(VARIABLE, mode)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, executable], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        agent = process_of(int(parent.stdout.readline()))
        parent.kill()
    assert agent
    try:
        assert _gone(agent, 10 if not mode else 0.5) == (not mode)
    finally:
        end(agent, grace=5)


def _gone(process: Process, within: float) -> bool:
    deadline = time.monotonic() + within
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(process)


def test_the_program_saves_a_token_for_pyngrok(configuration: Configuration) -> None:
    own = configuration(token="")
    ngrok.set_auth_token("a-token", own)

    assert ngrok.get_version(own)[0] == "3.30.0"
    assert ngrok.connect("48888", pyngrok_config=own).public_url


def test_a_mode_that_is_none_is_said(executable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "4019")
    done = subprocess.run([executable, "start", "--none"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "4018" in done.stdout
