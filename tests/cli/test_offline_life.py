"""What happens to an instance with --offline: killed, suspended, moved, refused. In the end the webhook is right."""

import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from devkit.core.agent_files import agent_of
from devkit.standins.ngrok.modes import OUTLIVES
from tests.cli.outside import Outsider, outsider, wait_for

ENDPOINTS = "/v1/webhook_endpoints"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    with outsider(tmp_path_factory.mktemp("life")) as program:
        yield program


@pytest.fixture
def offline(shared: Outsider) -> Outsider:
    """An instance that tests share, up and right."""
    if agent_of(shared.instance) is None or not shared.right():
        shared("up", "--offline")
    return shared


def proven(offline: Outsider) -> None:
    """An event of Stripe's arrives, nothing has to be repaired, and nothing is there twice."""
    done = offline("stripe", "sync", "--output", "json").data
    assert done["repairs"] == []
    assert done["verified_seconds"] is not None
    assert len(offline.endpoints()) == 1
    assert len(offline.ngroks()) == 1
    with offline.openmeter() as client:
        apps = [each for each in client.call("listApps")["items"] if each["type"] == "stripe"]
    assert [each["id"] for each in apps] == [done["app"]]


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_killed_agent_takes_its_tunnel_along_and_the_next_up_brings_all_back(offline: Outsider) -> None:
    before = offline.said()
    (ngrok,) = offline.ngroks()
    agent = offline.agent()
    agent.kill()
    wait_for(lambda: gone(agent) and gone(ngrok))
    assert "does not run" in offline("tunnel", "status", code=1).err

    data = offline.up()

    assert any("had ended without being stopped" in note for note in data["notes"])
    assert data["tunnel"]["url"] == before["tunnel"]["url"]
    assert data["stripe"]["endpoint"] == before["webhook"]["endpoint"]
    assert data["stripe"]["repairs"] == []
    proven(offline)


def test_a_tunnel_that_outlives_its_killed_agent_is_found_and_ended(offline: Outsider) -> None:
    offline("stop")
    offline("up", DEVKIT_STANDIN_NGROK=OUTLIVES)
    before = offline.said()["tunnel"]["url"]
    (left,) = offline.ngroks()
    agent = offline.agent()
    agent.kill()
    wait_for(lambda: gone(agent))
    assert not gone(left)
    rows = {row["check"]: row for row in offline("doctor", "--output", "json", code=None).data}
    assert rows["ngrok of default"]["level"] == "warn"
    assert str(left.pid) in rows["ngrok of default"]["detail"]

    data = offline.up()

    assert gone(left)
    assert data["tunnel"]["url"] == before
    proven(offline)


def test_a_suspended_machine_wakes_up_with_a_webhook_that_is_looked_at(offline: Outsider) -> None:
    processes = [offline.agent(), *offline.ngroks()]
    with offline.stripe() as client:
        client.v1.webhook_endpoints.update(offline.endpoints()[0]["id"], {"disabled": True})
    for process in processes:
        process.suspend()
    time.sleep(7)  # longer than the gap that is no suspension
    for process in processes:
        process.resume()

    wait_for(lambda: offline.endpoints()[0]["status"] == "enabled")
    wait_for(lambda: "this machine was suspended" in offline.instance.log_file.read_text())
    assert wait_for(offline.right)
    assert offline.agent().pid == processes[0].pid
    proven(offline)


@pytest.mark.parametrize("control", ["move", "die"])
def test_a_tunnel_that_moves_or_dies_has_its_address_in_the_endpoint_soon(offline: Outsider, control: str) -> None:
    before, endpoint = offline.said(), offline.endpoints()[0]["id"]
    (ngrok,) = offline.ngroks()
    offline.tell_ngrok(control)
    wait_for(lambda: gone(ngrok) if control == "die" else offline.said()["tunnel"]["url"] != before["tunnel"]["url"])
    wait_for(lambda: len(offline.ngroks()) == 1 and offline.right())
    assert [each["id"] for each in offline.endpoints()] == [endpoint]
    proven(offline)
    assert offline.up()["tunnel"]["url"] == offline.said()["tunnel"]["url"]


def test_a_hung_tunnel_is_replaced(offline: Outsider) -> None:
    (hung,) = offline.ngroks()
    hung.suspend()
    wait_for(lambda: gone(hung))
    wait_for(lambda: len(offline.ngroks()) == 1 and offline.right())
    proven(offline)


@pytest.mark.parametrize(
    "fault", [{"status": 429, "times": 3}, {"status": 500, "times": 3}, {"drop": True, "times": 3}], ids=str
)
def test_a_stripe_that_is_busy_broken_or_gone_for_a_moment_stops_neither_up_nor_the_keeper(
    offline: Outsider, fault: dict[str, Any]
) -> None:
    offline("up")  # knows the address of now, and that it is right
    offline.fault(path=ENDPOINTS, **fault)
    data = offline.up()
    assert not data["changed"]
    assert data["stripe"]["repairs"] == []

    before = offline.said()["tunnel"]["url"]
    offline.fault(path=ENDPOINTS, **fault)
    offline.tell_ngrok("move")
    wait_for(lambda: offline.said()["tunnel"]["url"] not in (None, before))
    wait_for(lambda: offline.said()["webhook"]["url"].startswith(offline.said()["tunnel"]["url"]))
    wait_for(lambda: offline.said()["webhook"]["problem"] == "")
    assert offline.right()
    assert len(offline.endpoints()) == 1


def test_everybody_at_once_makes_one_app_and_one_endpoint(offline: Outsider) -> None:
    with offline.stripe() as client:
        client.v1.webhook_endpoints.delete(offline.endpoints()[0]["id"])
    words = [["stripe", "sync"], ["up"], ["stripe", "sync"], ["tunnel", "restart"]]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [offline.start(each, **pipes) for each in words]
    answers = [each.communicate(timeout=120)[1] for each in running]
    assert not [answer for answer in answers if b"Traceback" in answer]
    wait_for(offline.right)
    proven(offline)


def test_an_agent_that_ends_by_a_signal_takes_everything_along(offline: Outsider) -> None:
    offline("up")  # it may have moved since the last one
    agent, said = offline.agent(), offline.said()
    (ngrok,) = offline.ngroks()
    agent.send_signal(signal.SIGTERM)
    wait_for(lambda: gone(agent) and gone(ngrok))
    for port in (said["gateway"], said["stripe"], said["control"]):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    assert offline.said()["tunnel"]["problem"] == "the agent has ended"
    assert offline.up()["tunnel"]["url"] == said["tunnel"]["url"]
    proven(offline)
