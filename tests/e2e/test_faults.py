"""What goes wrong in the engine, each with one cause, its evidence and the way out."""

import os
import threading
import time
from dataclasses import replace

import pytest

from devkit.adapters.backends.compose import starting
from devkit.adapters.backends.compose.credentials import credentials_file
from devkit.adapters.backends.compose.services import EVERY
from devkit.adapters.docker.containers import FOLDER_LABEL, SERVICE_LABEL
from devkit.adapters.docker.engine import find_compose, find_engine
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError
from devkit.core.ports import PortTakenError, bind
from tests.e2e.conftest import NewSandbox, Sandbox, free_block
from tests.e2e.fragile import fragile_engine

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Sandbox:
    made = new_sandbox("faults")
    made.up()
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services get a few seconds instead of a minute."""
    soon = {name: replace(service, within=5) for name, service in EVERY.items()}
    monkeypatch.setattr(starting, "EVERY", soon)


def failure_of(sandbox: Sandbox, section: str, service: str, fault: str) -> DevkitError:
    """What `up` raises with this fault; after it, without the fault, the instance must recover."""
    sandbox.configure({section: {"faults": {service: fault}}})
    with pytest.raises(DevkitError) as failed:
        sandbox.up()
    sandbox.configure({})
    sandbox.up()
    assert sandbox.plan() == []
    return failed.value


def test_a_crash_loop_is_seen_with_the_services_own_last_lines(sandbox):
    error = failure_of(sandbox, "balanceWorker", "balance-worker", "exit:3")
    assert error.message == "balance-worker keeps ending with exit code 3, 3 times so far"
    assert all("balance-worker gives up" in line for line in error.evidence)
    assert error.hint is not None
    assert error.hint.startswith("devkit logs balance-worker")


def test_a_service_that_ends_well_though_it_should_run_has_ended(sandbox):
    error = failure_of(sandbox, "balanceWorker", "balance-worker", "exit:0")
    assert error.message == "balance-worker ended with exit code 0"


def test_a_service_that_never_gets_healthy_has_a_deadline(sandbox, impatient):
    error = failure_of(sandbox, "balanceWorker", "balance-worker", "sick")
    assert error.message.startswith("balance-worker is not healthy after 5 s")


def test_memory_that_runs_out_is_named(sandbox):
    error = failure_of(sandbox, "balanceWorker", "balance-worker", "memory")
    assert error.message == "balance-worker ran out of memory and was ended by the engine"


def test_a_full_disk_is_named_and_how_to_free_it(sandbox):
    error = failure_of(sandbox, "balanceWorker", "balance-worker", "full:/data/segment")
    assert error.message.endswith("the engine's disk is full")
    assert error.hint == "docker system prune frees space"


def test_a_dependency_that_does_not_start_is_the_cause_and_not_what_waits_for_it(sandbox):
    error = failure_of(sandbox, "portal", "openmeter", "exit:1")
    assert error.message.startswith("openmeter ")
    assert any("openmeter gives up" in line for line in error.evidence)


def test_a_job_that_failed_stops_the_start(sandbox):
    error = failure_of(sandbox, "svix", "migrate", "exit:4")
    assert error.message == "migrate failed with exit code 4"
    assert any("migrate gives up" in line for line in error.evidence)


def test_a_port_that_a_process_took_is_named(sandbox):
    sandbox.compose.stop(sandbox.instance, sandbox.state, sandbox.tell)
    with (
        bind(sandbox.ports["sink-worker"]),
        pytest.raises(PortTakenError, match=f"{sandbox.ports['sink-worker']} is taken"),
    ):
        sandbox.up()
    sandbox.up()


def test_a_port_that_a_container_took_is_named(sandbox, images):
    sandbox.compose.stop(sandbox.instance, sandbox.state, sandbox.tell)
    port = sandbox.ports["sink-worker"]
    other = sandbox.engine.containers.run(
        images["redis"], ["sleep", "60"], detach=True, ports={"80": ("127.0.0.1", port)}
    )
    try:
        with pytest.raises(PortTakenError, match=f"port {port} is taken by another"):
            sandbox.up()
    finally:
        other.remove(force=True)
    sandbox.up()


def test_moving_the_ports_makes_only_what_is_published_there_anew(sandbox):
    sandbox.ports = free_block()
    moved = {change.service for change in sandbox.up()}
    assert moved == {*sandbox.ports, "jobs"}  # the jobs hand out the public address
    assert sandbox.compose.held_ports(sandbox.instance) == set(sandbox.ports.values())


def test_data_whose_passwords_are_gone_is_not_started(sandbox):
    path = credentials_file(sandbox.instance)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(DevkitError, match="its passwords is gone") as refused:
        sandbox.up()
    assert any("postgres" in line for line in refused.value.evidence)
    path.write_bytes(kept)
    assert sandbox.up() == []


def test_without_an_engine_it_is_said_where_devkit_looked(monkeypatch, sandbox):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    with pytest.raises(MissingToolError, match="no Docker engine answers") as refused:
        sandbox.up()
    assert refused.value.evidence == ("unix:///nonexistent.sock (DOCKER_HOST): no such file or directory",)


def test_an_old_compose_is_refused_with_its_version(monkeypatch, tmp_path, engine):
    for name in ("docker", "docker-compose"):
        (tmp_path / name).write_text("#!/bin/sh\necho 2.10.2\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = find_engine()
    with pytest.raises(MissingToolError, match=r"too old: docker compose is 2\.10\.2"):
        find_compose(found.endpoint)
    found.close()


def cut_once_replaced(sandbox, old, cut):
    """Cuts the engine off when another container runs in the place of the old one, half way through the change."""
    labels = [f"{FOLDER_LABEL}={sandbox.instance.folder.resolve()}", f"{SERVICE_LABEL}=balance-worker"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(row["Id"] != old for row in sandbox.engine.api.containers(filters={"label": labels})):
            break
        time.sleep(0.05)
    cut()


# The engine's client forgets to close the socket of a connection that fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_goes_away_half_way_is_unreachable_and_up_carries_on(sandbox, monkeypatch, tmp_path):
    old = sandbox.container("balance-worker").id
    sandbox.configure({"balanceWorker": {"faults": {"balance-worker": "slow:600"}}})
    with fragile_engine(tmp_path / "engine.sock") as (address, cut):
        monkeypatch.setenv("DOCKER_HOST", address)
        threading.Thread(target=cut_once_replaced, args=(sandbox, old, cut)).start()
        with pytest.raises((UnreachableError, MissingToolError)):
            sandbox.up()
    monkeypatch.delenv("DOCKER_HOST")
    sandbox.configure({})
    assert [change.service for change in sandbox.up()] == ["balance-worker"]


def test_what_compose_left_half_way_is_made_anew(sandbox):
    """Ended between making one container and removing the other, it leaves two, and would start either."""
    real = sandbox.container("balance-worker")
    double = f"0123456789ab_{real.name}"
    sandbox.engine.containers.create(real.image.id, ["sleep", "600"], name=double, labels=real.labels)
    assert sandbox.plan() == ["recreate balance-worker: an earlier change of it was cut short"]
    assert [change.service for change in sandbox.up()] == ["balance-worker"]
    assert sandbox.container("balance-worker").name == real.name
    assert sandbox.plan() == []
