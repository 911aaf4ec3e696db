"""Asking the agent: what it answers, what it refuses, and what is said where nobody answers."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from devkit.adapters.agent_control import AgentControl
from devkit.agent.control import ControlServer
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError, UsageError
from devkit.core.outside import Outside, Wish
from devkit.core.ports import bind
from devkit.core.processes import this_process
from devkit.standins.background_server import BackgroundServer
from tests.servers import free_port


class Agent:
    """An agent that answers as it is told. asked: what it was asked, by route"""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.failure: Exception | None = None

    def sync(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._answer("sync", asked)

    def restart(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._answer("restart", asked)

    def _answer(self, route: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((route, dict(asked)))
        if self.failure:
            raise self.failure
        return {"done": route}


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def outside(agent: Agent) -> Iterator[Outside]:
    routes = {"/stripe/sync": agent.sync, "/tunnel/restart": agent.restart}
    with ControlServer(bind(0), "the-token", routes) as server:
        yield said(server.port)


def said(port: int, token: str = "the-token") -> Outside:
    return Outside(wish=Wish("ngrok"), process=this_process(), token=token, control=port)


def test_it_is_asked_by_its_routes_and_the_answer_comes_back(agent: Agent, outside: Outside) -> None:
    control = AgentControl(outside)
    assert control.sync() == {"done": "sync"}
    control.sync(verify=True)
    control.restart_tunnel()
    assert agent.asked == [("sync", {"verify": False}), ("sync", {"verify": True}), ("restart", {})]


@pytest.mark.parametrize("kind", [DevkitError, UsageError, MissingToolError, UnreachableError])
def test_what_it_raises_is_raised_here(agent: Agent, outside: Outside, kind: type[DevkitError]) -> None:
    agent.failure = kind("it fails", hint="do this", evidence=["a", "b"])
    with pytest.raises(DevkitError) as refused:
        AgentControl(outside).sync()
    assert type(refused.value) is kind
    assert (refused.value.message, refused.value.hint, refused.value.evidence) == ("it fails", "do this", ("a", "b"))


def test_a_bug_in_it_sends_people_to_the_log(agent: Agent, outside: Outside) -> None:
    agent.failure = RuntimeError("a bug")
    with pytest.raises(DevkitError, match="the agent failed at it") as refused:
        AgentControl(outside).sync()
    assert refused.value.hint == "devkit logs shows what happened"
    assert "bug" not in str(refused.value)


def test_another_agent_s_token_opens_nothing(agent: Agent, outside: Outside) -> None:
    with pytest.raises(DevkitError, match="the agent failed at it"):
        AgentControl(said(outside.control, "another")).sync()
    assert agent.asked == []


def test_where_nobody_answers_it_says_how_to_start_it_anew() -> None:
    with pytest.raises(UnreachableError, match="does not answer") as refused:
        AgentControl(said(free_port())).sync()
    assert refused.value.hint == "devkit stop, then devkit up starts it anew"


@pytest.mark.parametrize("status", [200, 404, 500])
def test_what_answers_something_else_is_no_agent(status: int) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    with BackgroundServer(bind(0), Other) as other, pytest.raises(UnreachableError, match="does not answer"):
        AgentControl(said(other.port)).sync()


def test_one_that_takes_too_long_is_told() -> None:
    go_on = threading.Event()

    def slow(_: Mapping[str, Any]) -> Mapping[str, Any]:
        go_on.wait(20)
        return {}

    with (
        ControlServer(bind(0), "the-token", {"/slow": slow}) as server,
        pytest.raises(UnreachableError, match=r"did not finish within 0\.05 seconds") as refused,
    ):
        AgentControl(said(server.port))._ask("/slow", {}, 0.05)
    go_on.set()
    assert refused.value.hint


def test_no_proxy_of_the_environment_is_asked(agent: Agent, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert AgentControl(outside).sync() == {"done": "sync"}
