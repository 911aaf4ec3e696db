"""The tunnel is kept open: with one that does what it is told, and with the real pyngrok and the stand-in."""

import os
import queue
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from devkit.adapters.tunnels.base import Standing
from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel
from devkit.agent.tunnel_supervisor import Pace, Report, Supervisor
from devkit.core.errors import DevkitError, MissingToolError
from devkit.core.processes import running_with
from devkit.standins.ngrok.executable import write_executable
from devkit.standins.ngrok.modes import VARIABLE
from tests.upstream import Upstream, upstream

DOWN = Standing(None, "it is down")


class Told:
    """A tunnel that stands, falls and fails as it is told."""

    provider = "told"

    def __init__(self) -> None:
        self.now = DOWN
        self.starts: list[int] = []
        self.failure: DevkitError | None = None
        self.stopped = 0

    def start(self, port: int) -> str | None:
        self.starts.append(port)
        if self.failure:
            raise self.failure
        self.now = Standing(f"https://{len(self.starts)}.example.com")
        return self.now.url

    def standing(self) -> Standing:
        return self.now

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def reports() -> list[Report]:
    return []


@pytest.fixture
def supervisor(told: Told, reports: list[Report]) -> Supervisor:
    return Supervisor(told, 1234, reports.append, Pace(look=1, shortest=2, longest=20, patience=2))


def test_it_opens_the_tunnel_and_tells_its_address_once(
    supervisor: Supervisor, told: Told, reports: list[Report]
) -> None:
    assert [supervisor.look() for _ in range(4)] == [1, 1, 1, 1]
    assert told.starts == [1234]
    assert reports == [Report("https://1.example.com")]


def test_a_new_address_is_told_at_the_next_look(supervisor: Supervisor, told: Told, reports: list[Report]) -> None:
    supervisor.look()
    told.now = Standing("https://moved.example.com")
    supervisor.look()

    assert reports[-1] == Report("https://moved.example.com")
    assert told.starts == [1234]


def test_a_short_outage_costs_no_new_address(supervisor: Supervisor, told: Told, reports: list[Report]) -> None:
    supervisor.look()
    before, told.now = told.now, DOWN
    assert supervisor.look() == 1
    told.now = before
    supervisor.look()

    assert told.starts == [1234]
    assert reports == [Report(before.url), Report(None, "it is down"), Report(before.url)]


def test_a_tunnel_that_stays_down_is_opened_anew(supervisor: Supervisor, told: Told, reports: list[Report]) -> None:
    supervisor.look()
    supervisor.look()
    told.now = DOWN
    supervisor.look()
    supervisor.look()

    assert told.starts == [1234, 1234]
    assert reports[-1] == Report("https://2.example.com")


def test_starts_in_vain_come_ever_later_until_one_succeeds(
    supervisor: Supervisor, told: Told, reports: list[Report]
) -> None:
    told.failure = DevkitError("no way", hint="wait")
    assert [supervisor.look() for _ in range(6)] == [2, 4, 8, 16, 20, 20]
    assert reports == [Report(None, "no way", "wait", 1)]
    told.failure = None
    supervisor.look()
    supervisor.look()
    told.failure = DevkitError("no way")
    told.now = DOWN
    supervisor.look()

    assert supervisor.look() == 2


def test_what_waiting_does_not_mend_is_tried_seldom(supervisor: Supervisor, told: Told) -> None:
    told.failure = MissingToolError("no token")
    assert supervisor.look() == 20


def test_a_tunnel_that_falls_at_once_is_not_opened_at_once_again(supervisor: Supervisor, told: Told) -> None:
    pauses = []
    for _ in range(9):
        pauses.append(supervisor.look())
        told.now = DOWN
    assert max(pauses) > 10


def test_a_listener_that_fails_ends_nothing(told: Told) -> None:
    def fail(report: Report) -> None:
        raise RuntimeError(report.url)

    assert Supervisor(told, 1, fail).look() == 1


def test_a_restart_opens_it_anew_at_once(told: Told) -> None:
    came: queue.Queue[Report] = queue.Queue()
    with Supervisor(told, 1, came.put, Pace(look=1000)) as running:
        first = came.get(timeout=30)
        running.restart()
        assert came.get(timeout=30) != first


def test_closing_it_ends_the_thread_and_the_tunnel(told: Told, reports: list[Report]) -> None:
    with Supervisor(told, 1, reports.append, Pace(look=1000)) as running:
        pass
    assert told.stopped == 1
    assert not running._thread.is_alive()


@pytest.fixture
def behind() -> Iterator[Upstream]:
    with upstream() as running:
        yield running


Agents = Callable[[], list[int]]


@pytest.fixture
def watched(
    tmp_path: Path, behind: Upstream, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple["queue.Queue[Report]", Agents]]:
    """What is reported of a real tunnel, and the pids of its agents."""
    for name in ("NGROK_AUTHTOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "ngrok.yml"
    tunnel = NgrokTunnel(NgrokSettings(write_executable(tmp_path / "ngrok"), file, "token"))
    told: queue.Queue[Report] = queue.Queue()
    monkeypatch.setenv(VARIABLE, "")

    def agents() -> list[int]:
        return [process.pid for process, _ in running_with(["--config", str(file)])]

    with Supervisor(tunnel, behind.port, told.put, Pace(look=0.1, shortest=0.1)):
        yield told, agents
    assert agents() == []


def next_address(told: "queue.Queue[Report]") -> str:
    while True:
        report = told.get(timeout=30)
        if report.url:
            return report.url


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_an_agent_that_is_killed_or_hangs_is_replaced(
    watched: tuple["queue.Queue[Report]", Agents], how: signal.Signals
) -> None:
    told, agents = watched
    first = next_address(told)
    (agent,) = agents()
    os.kill(agent, how)
    second = next_address(told)

    assert second != first
    assert agent not in agents()
    assert len(agents()) == 1
    assert httpx.post(second, content=b"x", trust_env=False).content == b"x"


def test_an_agent_that_cannot_start_is_tried_until_it_can(
    watched: tuple["queue.Queue[Report]", Agents], monkeypatch: pytest.MonkeyPatch
) -> None:
    told, agents = watched
    next_address(told)
    monkeypatch.setenv(VARIABLE, "108")
    os.kill(agents()[0], signal.SIGKILL)
    while "ERR_NGROK_108" not in (report := told.get(timeout=30)).problem:
        pass
    assert report.hint
    monkeypatch.setenv(VARIABLE, "")

    assert next_address(told)
