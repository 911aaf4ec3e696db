"""Where the agent listens for containers: never where anybody else could reach it."""

import socket
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import DockerException, NotFound

from devkit.adapters.docker.endpoints import Endpoint
from devkit.adapters.docker.engine import Engine
from devkit.adapters.docker.host_address import stripe_listen_address
from devkit.core.errors import DevkitError

# An address of this machine, as a bridge has one, that every machine has.
BRIDGE = "127.0.0.1"


def engine(
    *, host: str = "unix:///var/run/docker.sock", product: str = "Docker", gateway: str | None = BRIDGE, **info: Any
) -> Engine:
    told = {"Name": socket.gethostname(), "OperatingSystem": "Debian", "SecurityOptions": ["name=seccomp"]} | info

    def inspect(_: str) -> dict[str, Any]:
        if gateway is None:
            raise NotFound("network bridge not found")
        return {"IPAM": {"Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Gateway": gateway}]}}

    client: Any = SimpleNamespace(info=lambda: told, api=SimpleNamespace(inspect_network=inspect))
    return Engine(Endpoint(host, "a test"), client, (28, 0), "28.0", product)


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def test_an_engine_on_this_machine_is_reached_at_its_bridge():
    assert stripe_listen_address(engine()) == BRIDGE


def test_an_engine_in_a_machine_of_its_own_forwards_to_the_loopback_address(monkeypatch):
    assert stripe_listen_address(engine(OperatingSystem="Docker Desktop", Name="docker-desktop")) == "127.0.0.1"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert stripe_listen_address(engine(Name="colima", product="Podman")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"host": "tcp://10.1.2.3:2376"}, "on another machine"),
        ({"host": "ssh://build@box"}, "on another machine"),
        ({"SecurityOptions": ["name=seccomp", "name=rootless"]}, "rootless"),
        ({"Name": "another-host"}, "another-host"),
        ({"product": "Podman"}, "Podman"),
        ({"gateway": None}, "--bridge=none"),
        ({"gateway": "192.0.2.1"}, "192.0.2.1 is not on this machine"),
    ],
)
def test_what_containers_cannot_reach_is_refused_with_a_way_out(wrong, reason):
    with pytest.raises(DevkitError, match=reason) as refused:
        stripe_listen_address(engine(**wrong))
    assert "--backend embedded" in str(refused.value.hint)


def test_what_the_engine_itself_refuses_is_said():
    def info() -> None:
        raise DockerException("the engine is shutting down")

    refusing: Any = SimpleNamespace(info=info)
    with pytest.raises(DevkitError, match="the engine refused"):
        stripe_listen_address(replace(engine(), client=refusing))
