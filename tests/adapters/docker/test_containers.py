"""How an inspection of the engine is read."""

from typing import Any

from devkit.adapters.docker.containers import of_inspection

STARTED = "2026-01-01T00:00:00Z"


def inspection(**state: Any) -> dict[str, Any]:
    return {
        "Id": "c1", "Name": "/p-openmeter-1", "Image": "sha256:1", "RestartCount": 2,
        "State": {"Status": "running", "StartedAt": STARTED, "FinishedAt": "0001-01-01T00:00:00Z", **state},
        "Config": {"Image": "om:1", "Labels": {"com.docker.compose.service": "openmeter", "devkit.fingerprint": "f"}},
        "HostConfig": {"PortBindings": {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "48888"}]}},
    }  # fmt: skip


def test_a_healthy_container_is_well_and_knows_its_ports():
    container = of_inspection(inspection(Health={"Status": "healthy", "Log": []}))
    assert container.well
    assert (container.service, container.name, container.restarts) == ("openmeter", "p-openmeter-1", 2)
    assert container.ports == {8888: 48888}
    assert (container.exit_code, container.finished_at) == (None, "")


def test_the_last_probe_says_what_is_wrong():
    log = [{"ExitCode": 1, "Output": "old"}, {"ExitCode": 1, "Output": "\x1b[31mconnection refused\x1b[0m\n"}]
    container = of_inspection(inspection(Health={"Status": "unhealthy", "Log": log}))
    assert not container.well
    assert container.probe == "connection refused"


def test_a_silent_probe_shows_its_exit_code():
    container = of_inspection(inspection(Health={"Status": "starting", "Log": [{"ExitCode": 8, "Output": ""}]}))
    assert container.probe == "the probe ended with 8"


def test_without_a_health_check_running_is_well():
    assert of_inspection(inspection()).well


def test_an_ended_container_has_its_exit_code():
    container = of_inspection(inspection(Status="exited", ExitCode=137, OOMKilled=True))
    assert (container.exit_code, container.out_of_memory, container.up) == (137, True, False)
