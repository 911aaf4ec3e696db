"""Where devkit looks for an engine."""

import hashlib
import json
from pathlib import Path

import pytest

from devkit.adapters.docker.endpoints import Endpoint, endpoints
from devkit.core.errors import UsageError


def context(home: Path, name: str, host: str, *, tls: bool = False) -> None:
    identity = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker/contexts/meta" / identity
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if tls:
        (home / ".docker/contexts/tls" / identity / "docker").mkdir(parents=True)


def test_docker_host_is_the_only_place_where_it_is_set(tmp_path):
    context(tmp_path, "colima", "unix:///colima.sock")
    found = endpoints({"DOCKER_HOST": "tcp://engine:2375", "DOCKER_CONTEXT": "colima"}, tmp_path)
    assert found == [Endpoint("tcp://engine:2375", "DOCKER_HOST")]


def test_docker_host_with_tls_names_the_folder_of_the_certificates(tmp_path):
    environment = {"DOCKER_HOST": "tcp://engine:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    assert endpoints(environment, tmp_path)[0].tls == Path("/certs")


def test_the_current_context_decides_where_no_variable_does(tmp_path):
    context(tmp_path, "colima", "unix:///home/me/.colima/default/docker.sock")
    (tmp_path / ".docker/config.json").write_text('{"currentContext": "colima"}')
    (found,) = endpoints({}, tmp_path)
    assert found.host == "unix:///home/me/.colima/default/docker.sock"
    assert found.source == "the current docker context colima"
    assert found.environment({"DOCKER_HOST": "other", "PATH": "/bin"}) == {"DOCKER_CONTEXT": "colima", "PATH": "/bin"}


def test_a_context_with_certificates_has_their_folder(tmp_path):
    context(tmp_path, "remote", "tcp://engine:2376", tls=True)
    (found,) = endpoints({"DOCKER_CONTEXT": "remote"}, tmp_path)
    assert found.tls is not None
    assert found.tls.name == "docker"


def test_a_context_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(UsageError, match="no docker context 'gone'"):
        endpoints({"DOCKER_CONTEXT": "gone"}, tmp_path)


@pytest.mark.parametrize(
    ("socket", "owner"),
    [
        (".colima/default/docker.sock", "Colima"),
        (".rd/docker.sock", "Rancher Desktop"),
        (".docker/run/docker.sock", "Docker Desktop"),
        (".local/share/containers/podman/machine/podman.sock", "Podman"),
    ],
)
def test_known_sockets_are_tried_after_the_systems_own(tmp_path, socket, owner):
    path = tmp_path / socket
    path.parent.mkdir(parents=True)
    path.touch()
    system, found = endpoints({}, tmp_path)[:2]
    assert system.source == "the system's socket"
    assert (found.host, found.source) == (f"unix://{path}", f"the socket of {owner}")


def test_sockets_of_the_session_are_known_too(tmp_path):
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman/podman.sock").touch()
    found = endpoints({"XDG_RUNTIME_DIR": str(tmp_path)}, tmp_path / "home")
    assert f"unix://{tmp_path}/podman/podman.sock" in [each.host for each in found]


def test_a_damaged_docker_configuration_is_as_good_as_none(tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{")
    assert endpoints({}, tmp_path)[0].source == "the system's socket"


def test_compose_is_kept_from_other_projects_settings(tmp_path):
    environment = {"COMPOSE_FILE": "theirs.yaml", "COMPOSE_PROJECT_NAME": "theirs", "DOCKER_CONTEXT": "theirs"}
    assert Endpoint("unix:///e.sock", "the socket of Colima").environment(environment) == {
        "DOCKER_HOST": "unix:///e.sock"
    }


def test_on_windows_it_is_a_named_pipe(tmp_path):
    assert endpoints({}, tmp_path, windows=True)[0].host.startswith("npipe://")


def test_docker_is_given_no_secret_of_the_environment() -> None:
    secrets = {"STRIPE_API_KEY": "1", "DEVKIT_NGROK_AUTHTOKEN": "2", "OPENMETER_TOKEN": "3", "DEVKIT_TOKEN": "4"}
    given = Endpoint("unix:///run/docker.sock", "DOCKER_HOST").environment({**secrets, "PATH": "/bin"})
    assert given == {"PATH": "/bin"}
