"""Ports are planned as a block, and whoever is in the way is named."""

import os
import socket

import pytest

from devkit.core import ports
from devkit.core.errors import DevkitError
from devkit.core.ports import BLOCK, bind, is_free, owner_of, plan_ports


@pytest.fixture
def taken():
    with bind(0) as listener:
        yield listener.getsockname()[1]


def test_a_port_that_something_listens_on_is_not_free(taken):
    assert not is_free(taken)


def test_a_port_is_free_again_once_its_listener_is_closed():
    listener = bind(0)
    port = listener.getsockname()[1]
    listener.close()
    assert is_free(port)


def test_a_port_that_is_taken_on_all_addresses_is_not_free():
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_the_owner_is_named_with_pid_and_program(taken):
    assert owner_of(taken).startswith(f"pid {os.getpid()} (")


def test_a_free_first_port_is_taken_as_it_is(taken):
    plan = plan_ports(taken + 1)
    if plan.moved_for is None:
        assert plan.ports == {"openmeter": taken + 1}
    else:
        assert plan.moved_for.port == taken + 1


def test_a_taken_port_moves_the_block_by_its_width_and_names_the_owner(taken):
    plan = plan_ports(taken)
    assert (plan.ports["openmeter"] - taken) % BLOCK == 0
    assert plan.ports["openmeter"] > taken
    assert plan.moved_for is not None
    assert plan.moved_for.port == taken
    assert str(os.getpid()) in plan.moved_for.owner


def test_ports_that_the_instance_itself_holds_are_free_for_it(taken):
    assert plan_ports(taken, held={taken}).ports == {"openmeter": taken}
    assert plan_ports(taken, held={taken}).moved_for is None


def test_one_taken_port_moves_all_of_the_block(taken):
    plan = plan_ports(taken - 1, {"openmeter": 0, "gateway": 1})
    assert plan.moved_for is not None
    assert plan.ports["openmeter"] >= taken - 1 + BLOCK
    assert plan.ports["gateway"] == plan.ports["openmeter"] + 1


def test_no_free_port_up_to_the_last_one_is_an_error_with_a_way_out(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda _port: False)
    with pytest.raises(DevkitError, match="no free ports from 65530 on") as caught:
        plan_ports(65530)
    assert caught.value.hint


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may listen everywhere")
def test_a_privileged_port_says_what_it_needs():
    with pytest.raises(DevkitError, match="administrator rights"):
        is_free(1)
