"""--offline below the agent: containers take the stand-in on the host for api.stripe.com, and only then."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import docker
import httpx
import pytest

from devkit.adapters.backends.compose.backend import project_name
from devkit.adapters.backends.compose.blueprint import Offline
from devkit.adapters.certificates import offline_certificates
from devkit.adapters.docker.engine import find_engine
from devkit.adapters.docker.host_address import stripe_listen_address
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn
from tests.e2e.conftest import NewSandbox, Sandbox

pytestmark = pytest.mark.docker

KEY = "sk_test_devkit"
TRUSTING = {"openmeter", "billing-worker", "jobs"}
# What a client does that knows nothing of devkit: its trust comes from SSL_CERT_DIR alone.
CLIENT = """
import http.client, json, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.set_default_verify_paths()
name, path = sys.argv[1:3]
connection = http.client.HTTPSConnection(name, timeout=15, context=context)
answers = []
try:
    for _ in range(2):
        connection.request("GET", path, headers={"Authorization": "Bearer sk_test_devkit"})
        answers.append(json.loads(connection.getresponse().read()))
    print(json.dumps(answers))
except (OSError, http.client.HTTPException) as error:
    print(json.dumps(type(error).__name__))
"""


@contextmanager
def standin(sandbox: Sandbox, port: int = 0) -> Iterator[Server]:
    """As the agent serves it."""
    engine = find_engine()
    address = stripe_listen_address(engine)
    engine.close()
    files = offline_certificates(sandbox.instance.folder)
    listener = socket.create_server((address, port))
    with Server(StripeStandIn(KEY), listener, certificate=(files.server, files.server)) as server:
        yield server


@pytest.fixture(scope="module")
def running(new_sandbox: NewSandbox) -> Iterator[tuple[Sandbox, Server]]:
    """An instance with --offline, and the stand-in that it goes to."""
    sandbox = new_sandbox("offline")
    with standin(sandbox) as server:
        go_offline(sandbox, server)
        sandbox.up()
        yield sandbox, server


def go_offline(sandbox: Sandbox, server: Server) -> None:
    authority = offline_certificates(sandbox.instance.folder).authority_text
    sandbox.compose = replace(sandbox.compose, offline=Offline(authority, server.port))


def call(sandbox: Sandbox, service: str, name: str = "api.stripe.com", path: str = "/v1/account") -> Any:
    done = sandbox.container(service).exec_run(["python3", "-c", CLIENT, name, path])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def commands(sandbox: Sandbox, service: str) -> set[str]:
    """The programs that run in its container."""
    return {row[1] for row in sandbox.container(service).top(ps_args="-eo pid,comm")["Processes"]}


def until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it never became so")


def fault(server: Server, **given: Any) -> None:
    answer = httpx.post(f"{server.url}/_standin/faults", json=given, verify=False)
    answer.raise_for_status()


def left(engine: docker.DockerClient, sandbox: Sandbox) -> list[str]:
    project = project_name(sandbox.instance)
    found = [each.name for each in engine.containers.list(all=True, filters={"name": project})]
    found += [each.name for each in engine.networks.list(filters={"name": project})]
    return [str(each) for each in found]


def test_those_who_call_stripe_reach_the_stand_in_and_verify_its_certificate(running):
    sandbox, server = running
    account = httpx.get(f"{server.url}/v1/account", headers={"authorization": f"Bearer {KEY}"}, verify=False).json()
    for service in sorted(TRUSTING):
        assert call(sandbox, service) == [account, account]


def test_the_others_do_not_trust_it_and_another_name_is_refused(running):
    sandbox, _ = running
    assert call(sandbox, "sink-worker") == "SSLCertVerificationError"
    assert call(sandbox, "openmeter", name="stripe") == "SSLCertVerificationError"


def test_a_connection_that_the_agent_drops_ends_at_once_in_the_container(running):
    sandbox, server = running
    fault(server, path="/v1/account", drop=True)
    assert call(sandbox, "openmeter") in ("RemoteDisconnected", "SSLEOFError", "ConnectionResetError")
    assert isinstance(call(sandbox, "openmeter"), list)


def test_many_at_once_and_large_answers_pass(running):
    sandbox, server = running
    lines = "\n".join(f"python3 -c '{CLIENT}' api.stripe.com /v1/events?limit=100 | md5sum &" for _ in range(8))
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {KEY}"}, verify=False) as client:
        for number in range(100):
            client.post("/v1/customers", content=f"name={number}&description={'x' * 500}".encode())
    done = sandbox.container("openmeter").exec_run(["bash", "-c", f"{lines}\nwait"])
    sums = done.output.decode().split("-\n")
    assert len(sums) == 9
    assert len(set(sums[:8])) == 1
    assert not sandbox.container("stripe").attrs["State"]["OOMKilled"]
    # Nothing goes on for a connection that has ended.
    until(lambda: commands(sandbox, "stripe") <= {"docker-init", "nc"})


def test_the_forwarder_is_small_published_nowhere_and_shown_among_the_services(running):
    sandbox, _ = running
    host = sandbox.container("stripe").attrs["HostConfig"]
    assert host["Memory"] == 64 << 20
    assert not host["PortBindings"]
    assert host["RestartPolicy"]["Name"] == "on-failure"
    assert all(mount["Type"] == "tmpfs" for mount in sandbox.container("stripe").attrs["Mounts"])
    status = {each.service: each for each in sandbox.compose.services(sandbox.instance)}
    assert status["stripe"].well
    assert sandbox.plan() == []


def test_a_new_public_address_recreates_those_who_hand_it_out_and_no_other(running):
    sandbox, _ = running
    before = sandbox.started()
    sandbox.compose = replace(sandbox.compose, public_url="https://tunnel.example")
    wanted = [
        f"recreate {name}: configuration apps.baseURL changed" for name in ("openmeter", "billing-worker", "jobs")
    ]
    assert sandbox.plan() == wanted
    assert [str(change) for change in sandbox.up()] == wanted
    assert {name for name, moment in sandbox.started().items() if moment != before[name]} == TRUSTING
    assert "apps.baseURL=https://tunnel.example" in "\n".join(
        sandbox.compose.log_lines(sandbox.instance, 50, "openmeter")
    )
    assert sandbox.up() == []


def test_another_port_of_the_agent_recreates_the_forwarder_alone(running):
    sandbox, _ = running
    with standin(sandbox) as other:
        go_offline(sandbox, other)
        assert sandbox.plan() == ["recreate stripe: environment.PORT changed"]
        sandbox.up()
        assert isinstance(call(sandbox, "jobs"), list)
    go_offline(sandbox, running[1])
    sandbox.up()


def test_without_offline_the_forwarder_is_gone_and_nothing_of_it_is_left(running):
    sandbox, _ = running
    online = replace(sandbox.compose, offline=None)
    changes = online.start(sandbox.instance, sandbox.state, sandbox.tell).changes
    assert {change.service for change in changes if change.action == "recreate"} == TRUSTING
    assert [str(change) for change in changes][-1] == "remove stripe: only --offline needs it"
    assert "stripe" not in {each.service for each in online.services(sandbox.instance)}
    for service in TRUSTING:
        attributes = sandbox.container(service).attrs
        assert not any(each.startswith("SSL_CERT_DIR") for each in attributes["Config"]["Env"])
        assert sandbox.container(service).exec_run(["ls", "/etc/devkit"]).exit_code != 0
    assert online.plan(sandbox.instance, sandbox.state) == []


def test_down_and_destroy_leave_nothing_of_an_offline_instance(running):
    sandbox, _ = running
    sandbox.up()
    assert isinstance(call(sandbox, "openmeter"), list)
    sandbox.compose.down(sandbox.instance, sandbox.tell)
    assert left(sandbox.engine, sandbox) == []
    sandbox.up()
    # Those who end it need not know that it is offline.
    replace(sandbox.compose, offline=None).destroy(sandbox.instance, sandbox.tell)
    assert left(sandbox.engine, sandbox) == []
    assert sandbox.compose.belongings(sandbox.instance) == []
