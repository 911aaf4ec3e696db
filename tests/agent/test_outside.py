"""All by which an instance is reached, in this process: with the real pyngrok, and a server behind that keeps all."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from devkit.adapters.agent_control import AgentControl
from devkit.agent.outside import OutsideWork, Remade
from devkit.core.errors import MissingToolError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.outside import Outside, WebhookReport, Wish, outside_file, read_outside, write_outside
from devkit.core.ports import bind
from devkit.core.processes import running_with, this_process
from devkit.core.secrets_file import keep_secrets, read_secrets
from devkit.core.state import State
from devkit.standins.ngrok.executable import write_executable
from tests.servers import free_port
from tests.upstream import Upstream, upstream

APP = "01KAPP0STR1PE0000000000000"
OTHER_APP = "01KAPP0STR1PE0000000000001"
OFFLINE = Wish("ngrok", offline=True)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the agent sets for itself is taken back in the end."""
    for name in ("NO_PROXY", "no_proxy", "DEVKIT_STRIPE_API_BASE"):
        monkeypatch.setenv(name, "")
    for name in ("NGROK_AUTHTOKEN", "HTTP_PROXY", "http_proxy", "DEVKIT_STANDIN_NGROK"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def behind() -> Iterator[Upstream]:
    with upstream() as running:
        yield running


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    prepare_folder(Instance(tmp_path))
    return Instance(tmp_path)


class Server:
    """OpenMeter in this process, as far as the agent tells it something."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def serve(self, *_: Any) -> None:
        raise NotImplementedError

    def renew_webhook(self, *_: str) -> None:
        raise NotImplementedError

    def reached_at(self, url: str) -> None:
        self.addresses.append(url)


Work = Callable[..., OutsideWork]


@pytest.fixture
def work(instance: Instance, behind: Upstream) -> Work:
    """What an agent opens: work(wish, server, **members of the state)."""
    first = free_port()

    def made(wish: Wish = OFFLINE, server: Server | None = None, **members: Any) -> OutsideWork:
        url = f"http://127.0.0.1:{behind.port}"
        known = State(backend="embedded", token="t", ports={"openmeter": first}, url=url, wish=wish, identity="mine")
        return OutsideWork(instance, msgspec.structs.replace(known, **members), server)

    return made


def said(instance: Instance) -> Outside:
    found = read_outside(instance)
    assert found is not None
    return found


def opened(instance: Instance) -> Outside:
    deadline = time.monotonic() + 60
    while not (found := said(instance)).tunnel.url:
        assert time.monotonic() < deadline, found.tunnel
        time.sleep(0.02)
    return found


def ngroks(instance: Instance) -> list[int]:
    return [each.pid for each, _ in running_with(["--config", str(instance.folder / "ngrok.yml")])]


def post(url: str | None, app: str) -> int:
    answer = httpx.post(f"{url}/api/v1/apps/{app}/stripe/webhook", content=b"{}", trust_env=False)
    return int(answer.status_code)


def remember_app(instance: Instance) -> None:
    """As an earlier agent leaves it."""
    before = Outside(wish=OFFLINE, process=this_process(), webhook=WebhookReport(app=APP))
    write_outside(instance, before)


def test_only_the_app_that_is_known_is_let_in(instance: Instance, work: Work, behind: Upstream) -> None:
    remember_app(instance)
    with work():
        url = opened(instance).tunnel.url
        assert (post(url, APP), post(url, OTHER_APP)) == (202, 404)
        assert httpx.get(f"{url}/api/v1/meters", trust_env=False).status_code == 404
    # the keeper has asked the server, too
    assert [each.target for each in behind.seen if each.method == "POST"] == [f"/api/v1/apps/{APP}/stripe/webhook"]


def test_before_an_app_is_known_nothing_is_let_in(instance: Instance, work: Work, behind: Upstream) -> None:
    with work():
        url = opened(instance).tunnel.url
        assert post(url, APP) == 404
        assert httpx.get(str(url), trust_env=False).headers["devkit-gateway"] == "mine"
    assert behind.seen == []


def test_an_app_at_the_stand_in_is_none_at_stripe(instance: Instance, work: Work) -> None:
    remember_app(instance)
    with work(Wish("static", "http://127.0.0.1:1", stripe_base="http://127.0.0.1:9")):
        assert said(instance).webhook.app == ""
        assert os.environ["DEVKIT_STRIPE_API_BASE"] == "http://127.0.0.1:9"


def test_its_ports_and_its_address_are_the_same_the_next_time(instance: Instance, work: Work) -> None:
    with work():
        first = opened(instance)
    with work(public_url=first.tunnel.url):
        second = opened(instance)
    assert (second.gateway, second.stripe, second.tunnel.url) == (first.gateway, first.stripe, first.tunnel.url)
    assert second.token != first.token


def test_what_is_taken_by_others_is_passed_over(instance: Instance, work: Work) -> None:
    with work():
        first = opened(instance)
    with bind(first.gateway), bind(first.stripe), bind(int(str(first.tunnel.url).rpartition(":")[2])), work():
        second = opened(instance)
        assert post(second.tunnel.url, APP) == 404
    ports = {first.gateway, first.stripe, first.tunnel.url}
    assert ports.isdisjoint({second.gateway, second.stripe, second.tunnel.url})


def test_a_restart_of_the_tunnel_keeps_the_address_and_tells_the_server(instance: Instance, work: Work) -> None:
    server = Server()
    with work(server=server):
        first = opened(instance)
        before = ngroks(instance)
        AgentControl(said(instance)).restart_tunnel()
        assert opened(instance).tunnel.url == first.tunnel.url
        assert ngroks(instance) != before
        assert len(ngroks(instance)) == 1
    assert server.addresses == [first.tunnel.url] * 2


def test_no_proxy_of_the_environment_comes_between(
    instance: Instance, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "example.com")
    with work():
        assert opened(instance).tunnel.url
        assert os.environ["NO_PROXY"] == "example.com,127.0.0.1,localhost"
        assert os.environ["no_proxy"] == "127.0.0.1,localhost"


def test_its_end_leaves_no_process_and_no_port(instance: Instance, work: Work) -> None:
    with work():
        found = opened(instance)
        assert len(ngroks(instance)) == 1
    assert ngroks(instance) == []
    assert not (instance.folder / "ngrok.yml").exists()
    for port in (found.gateway, found.stripe, found.control, int(str(found.tunnel.url).rpartition(":")[2])):
        bind(port).close()
    assert said(instance).tunnel.problem == "the agent has ended"
    assert said(instance).tunnel.hint


def test_a_token_that_is_mended_counts_at_the_next_start(
    instance: Instance, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVKIT_NGROK_PATH", str(write_executable(instance.root / "ngrok")))
    keep_secrets(instance, stripe_key="sk_test_devkit")
    with work(Wish("ngrok", stripe_base="http://127.0.0.1:9")):
        deadline = time.monotonic() + 60
        while not said(instance).tunnel.attempt:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        failed = said(instance).tunnel
        assert "ERR_NGROK_4018" in failed.problem
        assert failed.hint
        assert failed.exit_code == MissingToolError.exit_code
        keep_secrets(instance, ngrok_token="2planted-token")
        AgentControl(said(instance)).restart_tunnel()
        assert opened(instance).tunnel.url
        lines = [line for _, line in running_with(["--config", str(instance.folder / "ngrok.yml")])]
        assert "2planted-token" not in str(lines)
    assert "2planted-token" not in outside_file(instance).read_text()


def test_the_key_of_the_stand_in_is_drawn_once(instance: Instance, work: Work) -> None:
    with work():
        opened(instance)
        key = read_secrets(instance).offline_key
        assert os.environ["DEVKIT_STRIPE_API_BASE"] == f"http://127.0.0.1:{said(instance).stripe}"
        account = httpx.get(
            f"{os.environ['DEVKIT_STRIPE_API_BASE']}/v1/account",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )
        assert account.status_code == 200
    with work():
        assert read_secrets(instance).offline_key == key


def test_a_tunnel_that_was_never_made_does_not_stand() -> None:
    def never() -> Any:
        raise MissingToolError("there is none")

    tunnel = Remade(never)
    assert tunnel.standing().problem == "the tunnel is not started"
    with pytest.raises(MissingToolError):
        tunnel.start(1)
    assert tunnel.standing().problem == "the tunnel is not started"
    tunnel.stop()
