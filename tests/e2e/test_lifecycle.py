"""One instance from its first start to its end, with a real engine, Compose, Postgres and Redis."""

import json
import stat

import docker
import pytest

from devkit.adapters.backends.compose.backend import answers, project_name
from devkit.adapters.backends.compose.credentials import credentials_file, read_credentials
from devkit.adapters.backends.compose.services import SERVICES
from devkit.adapters.docker.containers import PROJECT_LABEL, publisher_of
from devkit.adapters.docker.resources import resources, sweep
from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.core.ports import HOST
from devkit.usecases.prove_ingest import prove_ingest
from devkit.usecases.seed import apply_pack
from devkit.usecases.smoke import run_smoke
from devkit.usecases.stream import send_pack_streams
from tests.e2e.conftest import NewSandbox, Sandbox

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def running(new_sandbox: NewSandbox) -> Sandbox:
    sandbox = new_sandbox("lifecycle")
    sandbox.up()
    return sandbox


@pytest.fixture(autouse=True)
def as_it_was(running: Sandbox) -> None:
    """Each test begins with an instance that is as it should be."""
    running.configure({})
    running.up()


def test_every_service_is_well_and_the_server_counts_events(running):
    assert [each.service for each in running.compose.services(running.instance) if not each.well] == []
    assert answers(running.url)
    with OpenMeter(running.url) as client:
        assert prove_ingest(client) >= 0


def test_seeds_streams_and_smoke_run_end_to_end(running):
    with OpenMeter(running.url) as client:
        assert apply_pack(client, "minimal", running.tell).changed
        assert not apply_pack(client, "minimal", running.tell).changed
        send_pack_streams(client, "minimal", running.tell)
    report = run_smoke(running.url)
    assert report.ok, report.summary()


def test_a_second_up_changes_nothing(running):
    before = running.started()
    assert running.plan() == []
    assert running.up() == []
    assert running.started() == before


def test_one_key_of_the_configuration_restarts_its_readers_alone(running):
    before = running.started()
    running.configure({"sink": {"maxCommitWait": "1s"}})
    assert running.plan() == ["recreate sink-worker: configuration sink.maxCommitWait changed"]
    assert (
        [str(change) for change in running.up()]
        == running.said[-2:-1]
        == ["recreate sink-worker: configuration sink.maxCommitWait changed"]
    )
    assert {name for name, moment in running.started().items() if moment != before[name]} == {"sink-worker"}


def test_a_killed_container_comes_back_alone(running):
    before = running.started()
    same = running.container("balance-worker").id
    running.container("balance-worker").kill()
    assert running.plan() == ["start balance-worker: it ended with exit code 137"]
    running.up()
    assert {name for name, moment in running.started().items() if moment != before[name]} == {"balance-worker"}
    assert running.container("balance-worker").id == same


def test_a_removed_container_comes_back_alone(running):
    running.container("jobs").remove(force=True)
    assert running.plan() == ["create jobs: it is not there"]
    assert [change.service for change in running.up()] == ["jobs"]


def test_a_worker_that_ended_by_itself_is_back_and_the_restart_shows(running):
    running.container("billing-worker").exec_run(["bash", "-c", "kill -KILL -1"])
    running.up()
    status = {each.service: each for each in running.compose.services(running.instance)}
    assert status["billing-worker"].well


def test_no_secret_stands_where_others_can_read_it(running):
    credentials = read_credentials(running.instance)
    assert credentials is not None
    assert stat.S_IMODE(credentials_file(running.instance).stat().st_mode) == 0o600
    for service in SERVICES:
        attributes = running.container(service).attrs
        assert attributes["HostConfig"]["Binds"] is None
        assert all(mount["Type"] in ("volume", "tmpfs") for mount in attributes["Mounts"])
        shown = json.dumps([attributes["Config"]["Cmd"], attributes["Config"]["Labels"], attributes["Args"]])
        assert not any(getattr(credentials, name) in shown for name in credentials.__struct_fields__)


def test_everything_listens_on_the_loopback_address_and_stays_down_after_a_reboot(running):
    for service in SERVICES:
        host = running.container(service).attrs["HostConfig"]
        assert all(each["HostIp"] == HOST for rows in (host["PortBindings"] or {}).values() for each in rows)
        assert host["RestartPolicy"]["Name"] in ("on-failure", "no", "")
        assert host["Memory"] > 0
    assert publisher_of(running.engine, running.ports["openmeter"]) == running.container("openmeter").name


def test_the_kafka_probe_fails_where_nothing_speaks_kafka(running):
    kafka = running.container("kafka")
    probe = kafka.attrs["Config"]["Healthcheck"]["Test"][1:]
    assert kafka.exec_run(probe).exit_code == 0
    deaf = [word.replace("kafka/9092", "postgres/5432") for word in probe]
    assert kafka.exec_run(deaf).exit_code != 0
    absent = [word.replace("kafka/9092", "kafka/9") for word in probe]
    assert kafka.exec_run(absent).exit_code != 0


def test_the_log_of_one_service_and_the_lag_of_the_sink_can_be_asked_for(running):
    assert "starting OpenMeter sink-worker" in "\n".join(running.compose.log_lines(running.instance, 5, "sink-worker"))
    assert running.compose.sink_lag(running.instance).events == 2


def test_a_reset_of_events_empties_all_three_stores_and_leaves_svix_alone(running):
    redis = running.container("redis")
    redis.exec_run(["redis-cli", "-n", "1", "set", "event", "1"])
    redis.exec_run(["redis-cli", "-n", "0", "set", "svix", "1"])
    running.compose.reset_events(running.instance, running.tell)
    assert redis.exec_run(["redis-cli", "-n", "1", "dbsize"]).output.strip() == b"0"
    assert redis.exec_run(["redis-cli", "-n", "0", "get", "svix"]).output.strip() == b"1"
    assert b"TRUNCATE" in running.container("clickhouse").exec_run(["cat", "/var/lib/clickhouse/commands.log"]).output
    assert b"--to-latest" in running.container("kafka").exec_run(["cat", "/var/lib/kafka/data/commands.log"]).output
    assert running.container("openmeter").status == "running"


def test_stop_and_down_keep_the_data_and_destroy_leaves_nothing(running):
    write = ["psql", "-U", "openmeter", "-c", "CREATE TABLE IF NOT EXISTS kept (n int)"]
    assert running.container("postgres").exec_run(write).exit_code == 0
    assert running.compose.stop(running.instance, running.state, running.tell).detail == "11 services stopped"
    assert {each.state for each in running.compose.services(running.instance)} == {"exited"}
    running.up()
    running.compose.down(running.instance, running.tell)
    assert {_kind(each) for each in running.compose.belongings(running.instance)} == {"volume"}
    running.up()
    read = ["psql", "-U", "openmeter", "-c", "SELECT n FROM kept"]
    assert running.container("postgres").exec_run(read).exit_code == 0
    assert {_kind(each) for each in running.compose.belongings(running.instance)} == {"container", "network", "volume"}
    running.compose.destroy(running.instance, running.tell)
    assert running.compose.belongings(running.instance) == []
    assert _left(running.engine, project_name(running.instance)) == []


def test_destroy_right_after_a_start_that_failed_leaves_nothing(new_sandbox):
    broken = new_sandbox("broken")
    broken.configure({"svix": {"faults": {"migrate": "exit:4"}}})
    with pytest.raises(DevkitError, match="migrate failed"):
        broken.up()
    broken.compose.destroy(broken.instance, broken.tell)
    assert _left(broken.engine, project_name(broken.instance)) == []


def test_what_something_else_uses_is_named_when_it_cannot_be_removed(running):
    volume, project, kinds = "devkit-test-used", "devkit-test-sweep", ("container", "network", "volume")
    running.engine.volumes.create(volume, labels={PROJECT_LABEL: project})
    other = running.engine.containers.create(running.container("redis").image, ["true"], volumes=[f"{volume}:/data"])
    try:
        with pytest.raises(DevkitError, match=f"cannot remove volume {volume}"):
            sweep(running.engine, project, kinds, within=0)
    finally:
        other.remove(force=True)
    sweep(running.engine, project, kinds)
    assert resources(running.engine, project) == []


def test_two_instances_share_nothing(new_sandbox, running):
    other = new_sandbox("lifecycle")
    other.up()
    mine = set(running.compose.belongings(running.instance))
    theirs = set(other.compose.belongings(other.instance))
    assert mine.isdisjoint(theirs)
    with OpenMeter(other.url) as client:
        prove_ingest(client)
    other.compose.destroy(other.instance, other.tell)
    assert running.plan() == []


def _kind(resource: str) -> str:
    return resource.partition(" ")[0]


def _left(engine: docker.DockerClient, project: str) -> list[str]:
    found = [each.name for each in engine.containers.list(all=True, filters={"name": project})]
    found += [each.name for each in engine.networks.list(filters={"name": project})]
    return [*map(str, found), *(str(each.name) for each in engine.volumes.list(filters={"name": project}))]
