"""The ngrok tunnel: the real pyngrok, and the stand-in in the agent's place."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError, UsageError
from devkit.core.processes import running_with
from devkit.standins.ngrok.modes import VARIABLE
from tests.adapters.tunnels.conftest import TOKEN
from tests.servers import environment, free_port
from tests.upstream import Upstream

Make = Callable[..., NgrokTunnel]


def agents(folder: Path) -> list[int]:
    return [process.pid for process, _ in running_with(["--config", str(folder / "ngrok.yml")])]


def control(tunnel: NgrokTunnel, route: str) -> None:
    httpx.post(f"{tunnel._api}/_standin/{route}", trust_env=False).raise_for_status()


def test_it_forwards_from_its_public_address_until_it_is_stopped(make: Make, behind: Upstream, tmp_path: Path) -> None:
    tunnel = make()
    assert tunnel.standing().url is None
    url = tunnel.start(behind.port)

    assert tunnel.standing().url == url
    assert httpx.post(f"{url}/x", content=b"body", trust_env=False).content == b"body"
    tunnel.stop()
    assert tunnel.standing().problem == "the tunnel is not started"
    assert agents(tmp_path) == []
    assert not (tmp_path / "ngrok.yml").exists()
    tunnel.stop()


def test_it_starts_again_and_a_second_start_leaves_one_agent(make: Make, behind: Upstream, tmp_path: Path) -> None:
    tunnel = make()
    tunnel.start(behind.port)
    url = tunnel.start(behind.port)

    assert len(agents(tmp_path)) == 1
    assert httpx.post(url, trust_env=False).status_code == 202


@pytest.mark.parametrize("variable", [True, False])
def test_the_token_stands_in_a_private_file_and_in_no_command_line(
    make: Make, behind: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    if variable:
        monkeypatch.setenv("NGROK_AUTHTOKEN", TOKEN)
        monkeypatch.setenv("NGROK_API_KEY", TOKEN)
    tunnel = make()
    tunnel.start(behind.port)
    (agent,) = agents(tmp_path)

    assert TOKEN not in " ".join(psutil.Process(agent).cmdline())
    assert TOKEN not in repr(tunnel._settings)
    file = tmp_path / "ngrok.yml"
    assert json.loads(file.read_text())["agent"]["authtoken"] == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("4018", MissingToolError, "has none"),
        ("105", UsageError, "form"),
        ("107", UsageError, "does not know the authtoken"),
        ("108", DevkitError, "as many agents"),
        ("334", DevkitError, "serves this address already"),
        ("bind", DevkitError, "own API is taken"),
    ],
)
def test_what_ngrok_refuses_is_one_sentence_and_a_way_out(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, mode: str, kind: type[DevkitError], words: str
) -> None:
    monkeypatch.setenv(VARIABLE, mode)
    with pytest.raises(DevkitError, match=words) as failed:
        make().start(1)
    assert type(failed.value) is kind
    assert failed.value.hint
    assert TOKEN not in f"{failed.value} {failed.value.hint} {failed.value.evidence}"
    assert agents(tmp_path) == []
    assert not (tmp_path / "ngrok.yml").exists()


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("silent", DevkitError, "said nothing for 4 seconds"),
        ("offline", UnreachableError, "none of ngrok's servers"),
        ("old", MissingToolError, "too old"),
    ],
)
def test_an_agent_that_never_gets_ready_is_ended_at_the_deadline(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, mode: str, kind: type[DevkitError], words: str
) -> None:
    monkeypatch.setenv(VARIABLE, mode)
    with pytest.raises(DevkitError, match=words) as failed:
        make(deadline=4).start(1)
    assert type(failed.value) is kind
    assert failed.value.hint
    assert agents(tmp_path) == []


def test_after_a_failure_the_next_start_works(make: Make, behind: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "silent")
    with pytest.raises(DevkitError):
        make(deadline=1).start(behind.port)
    monkeypatch.setenv(VARIABLE, "")

    assert httpx.post(make().start(behind.port), trust_env=False).status_code == 202


def test_without_a_token_ngrok_asks_for_one(make: Make) -> None:
    with pytest.raises(MissingToolError, match="4018"):
        make(token="").start(1)


def test_a_token_in_the_agents_words_is_hidden(make: Make, executable: Path) -> None:
    executable.write_text(f"#!/bin/sh\necho 'lvl=eror err=\"bad {TOKEN} ERR_NGROK_999\"'\nexit 1\n")
    with pytest.raises(DevkitError, match="ERR_NGROK_999") as failed:
        make().start(1)
    assert "(secret)" in "".join(failed.value.evidence)
    assert TOKEN not in f"{failed.value} {failed.value.hint} {failed.value.evidence}"


def test_a_reserved_domain_stays_and_a_second_agent_cannot_have_it(
    make: Make, behind: Upstream, tmp_path: Path
) -> None:
    wanted = f"http://127.0.0.1:{free_port()}"
    first = make(url=wanted)
    assert [first.start(behind.port) for _ in range(2)] == [wanted, wanted]
    with httpx.Client(trust_env=False) as client:
        assert client.post(wanted).status_code == 202
    assert len(agents(tmp_path)) == 1


def test_a_new_address_a_dead_and_a_suspended_agent_are_noticed(make: Make, behind: Upstream, tmp_path: Path) -> None:
    tunnel = make()
    url = tunnel.start(behind.port)
    control(tunnel, "move")
    moved = tunnel.standing().url
    assert moved
    assert moved != url

    (agent,) = agents(tmp_path)
    os.kill(agent, signal.SIGSTOP)
    assert tunnel.standing().problem == "the ngrok agent does not answer"
    os.kill(agent, signal.SIGCONT)
    assert tunnel.standing().url == moved
    os.kill(agent, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while agents(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert tunnel.standing().problem == "the ngrok agent has ended"
    assert agents(tmp_path) == []
    assert tunnel.start(behind.port)


CHILD = """
import sys
from pathlib import Path
from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel
NgrokTunnel(NgrokSettings(Path(sys.argv[1]), Path(sys.argv[2]), "token")).start(1)
print("up", flush=True)
sys.stdin.read()
"""


def test_an_agent_that_a_killed_process_left_is_ended_by_the_next_start(
    make: Make, behind: Upstream, executable: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", CHILD, str(executable), str(tmp_path / "ngrok.yml")]
    variables = environment() | {VARIABLE: "outlive"}
    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "up\n"
        other.kill()
    (orphan,) = agents(tmp_path)
    make().start(behind.port)

    assert len(agents(tmp_path)) == 1
    assert agents(tmp_path) != [orphan]


def test_a_proxy_that_would_stand_in_between_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(UsageError, match="HTTP_PROXY"):
        make().start(1)


def test_a_folder_that_is_not_there_is_told(executable: Path, tmp_path: Path) -> None:
    with pytest.raises(DevkitError, match="cannot write"):
        NgrokTunnel(NgrokSettings(executable, tmp_path / "none" / "ngrok.yml", TOKEN)).start(1)
