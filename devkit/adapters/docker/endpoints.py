"""Where an engine may listen: DOCKER_HOST, docker's contexts, the sockets of Colima, Podman and others."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.core.errors import UsageError
from devkit.core.settings import without_secrets

# Sockets below the home folder, in the order in which they are tried after the system's own.
_AT_HOME = (
    (".docker/run/docker.sock", "Docker Desktop"),
    (".docker/desktop/docker.sock", "Docker Desktop"),
    (".colima/default/docker.sock", "Colima"),
    (".config/colima/default/docker.sock", "Colima"),
    (".rd/docker.sock", "Rancher Desktop"),
    (".orbstack/run/docker.sock", "OrbStack"),
    (".lima/docker/sock/docker.sock", "Lima"),
    (".local/share/containers/podman/machine/podman.sock", "Podman"),
    (".local/share/containers/podman/machine/qemu/podman.sock", "Podman"),
)
_AT_RUNTIME = (("docker.sock", "rootless Docker"), ("podman/podman.sock", "Podman"))
_SYSTEM = "/var/run/docker.sock"
_SYSTEM_PODMAN = "/run/podman/podman.sock"
_WINDOWS = "npipe:////./pipe/docker_engine"


@dataclass(frozen=True)
class Endpoint:
    """A place where an engine may answer.

    source:  who named it, in words for people
    context: the docker context that describes it, empty where none does
    tls:     the folder with ca.pem, cert.pem and key.pem, where the connection is encrypted
    """

    host: str
    source: str
    context: str = ""
    tls: Path | None = None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment in which docker talks to this very endpoint, free of Compose settings and of secrets."""
        kept = {key: value for key, value in without_secrets(base).items() if not key.startswith("COMPOSE_")}
        if self.source == "DOCKER_HOST":
            return kept
        kept.pop("DOCKER_HOST", None)
        kept.pop("DOCKER_CONTEXT", None)
        return kept | ({"DOCKER_CONTEXT": self.context} if self.context else {"DOCKER_HOST": self.host})


def endpoints(environment: Mapping[str, str], home: Path, *, windows: bool = False) -> list[Endpoint]:
    """Where to look, best first. What the user named is the only one; else the system's socket, then those that exist.

    Raises UsageError where a context was named that does not exist.
    """
    if host := environment.get("DOCKER_HOST"):
        tls = environment.get("DOCKER_CERT_PATH") if environment.get("DOCKER_TLS_VERIFY") else None
        return [Endpoint(host, "DOCKER_HOST", tls=Path(tls) if tls else None)]
    folder = Path(environment.get("DOCKER_CONFIG") or home / ".docker")
    if name := environment.get("DOCKER_CONTEXT"):
        return [_context(folder, name, "DOCKER_CONTEXT")]
    name = _json(folder / "config.json").get("currentContext", "")
    if name and name != "default":
        return [_context(folder, str(name), "the current docker context")]
    if windows:
        return [Endpoint(_WINDOWS, "Docker Desktop")]
    return [Endpoint(f"unix://{_SYSTEM}", "the system's socket"), *_known_sockets(environment, home)]


def _known_sockets(environment: Mapping[str, str], home: Path) -> list[Endpoint]:
    places = [(home / path, owner) for path, owner in _AT_HOME]
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        places = [*((Path(runtime) / path, owner) for path, owner in _AT_RUNTIME), *places]
    places.append((Path(_SYSTEM_PODMAN), "Podman"))
    return [Endpoint(f"unix://{path}", f"the socket of {owner}") for path, owner in places if _exists(path)]


def _context(folder: Path, name: str, source: str) -> Endpoint:
    if name == "default":
        return Endpoint(f"unix://{_SYSTEM}", source, context=name)
    identity = hashlib.sha256(name.encode()).hexdigest()
    docker = _json(folder / "contexts" / "meta" / identity / "meta.json").get("Endpoints", {}).get("docker", {})
    host = docker.get("Host") if isinstance(docker, dict) else None
    if not host:
        raise UsageError(
            f"there is no docker context {name!r}, which {source} names",
            hint="docker context ls shows them; docker context use default goes back to the system's engine",
        )
    tls = folder / "contexts" / "tls" / identity / "docker"
    return Endpoint(str(host), f"{source} {name}", context=name, tls=tls if _exists(tls) else None)


def _json(path: Path) -> dict[str, Any]:
    """The object in a file of docker's, empty where it is missing or damaged: docker itself complains of that."""
    try:
        decoded = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
