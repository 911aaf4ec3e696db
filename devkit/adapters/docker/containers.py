"""What the engine says of a project's containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import docker
from docker.errors import NotFound

from devkit.adapters.docker.runs import plain

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
FINGERPRINT_LABEL = "devkit.fingerprint"
FOLDER_LABEL = "devkit.folder"
OOM_EXIT = 137


@dataclass(frozen=True)
class Container:
    """One container of a service.

    state:  created, running, restarting, exited, paused, dead (the engine's words)
    health: healthy, unhealthy, starting; empty where the service has no health check
    probe:  what the last health probe said
    started_at, finished_at: RFC 3339 as the engine writes it, empty where it never did
    doubles: names of further containers of the service: Compose was ended while it put one in the place of another
    """

    service: str
    id: str
    name: str
    state: str
    health: str = ""
    probe: str = ""
    restarts: int = 0
    exit_code: int | None = None
    out_of_memory: bool = False
    error: str = ""
    image: str = ""
    image_id: str = ""
    fingerprint: str = ""
    started_at: str = ""
    finished_at: str = ""
    ports: Mapping[int, int] = field(default_factory=dict)
    doubles: tuple[str, ...] = ()

    @property
    def up(self) -> bool:
        return self.state == "running"

    @property
    def well(self) -> bool:
        """Running, and healthy where that is checked."""
        return self.up and self.health in ("", "healthy")


def observe(client: docker.DockerClient, project: str) -> dict[str, Container]:
    """All containers of a project by service."""
    found: dict[str, Container] = {}
    for row in client.api.containers(all=True, filters={"label": f"{PROJECT_LABEL}={project}"}):
        try:
            container = of_inspection(client.api.inspect_container(row["Id"]))
        except NotFound:
            continue  # removed meanwhile
        if container.service in found:
            other = found[container.service]
            container = replace(container, doubles=(*other.doubles, other.name))
        if container.service:
            found[container.service] = container
    return found


def of_inspection(data: Mapping[str, Any]) -> Container:
    """A container as the engine's inspection describes it."""
    state, config = data.get("State") or {}, data.get("Config") or {}
    health, labels = state.get("Health") or {}, config.get("Labels") or {}
    status = str(state.get("Status", ""))
    ended = status in ("exited", "dead", "restarting")
    code = state.get("ExitCode")
    return Container(
        service=labels.get(SERVICE_LABEL, ""),
        id=str(data.get("Id", "")),
        name=str(data.get("Name", "")).lstrip("/"),
        state=status,
        health=_health(health),
        probe=_last_probe(health.get("Log") or ()),
        restarts=int(data.get("RestartCount") or 0),
        exit_code=int(code) if ended and code is not None else None,
        out_of_memory=bool(state.get("OOMKilled")),
        error=str(state.get("Error") or ""),
        image=str(config.get("Image", "")),
        image_id=str(data.get("Image", "")),
        fingerprint=labels.get(FINGERPRINT_LABEL, ""),
        started_at=_moment(state.get("StartedAt")),
        finished_at=_moment(state.get("FinishedAt")),
        ports=_ports((data.get("HostConfig") or {}).get("PortBindings") or {}),
    )


def last_log_lines(client: docker.DockerClient, container: Container, count: int) -> list[str]:
    """The end of its log, oldest first; none where the container is gone."""
    try:
        raw = client.api.logs(container.id, stdout=True, stderr=True, tail=count, timestamps=False)
    except docker.errors.APIError:
        return []
    return [line for each in raw.decode("utf-8", "replace").splitlines() if (line := plain(each))]


def publisher_of(client: docker.DockerClient, port: int) -> str | None:
    """The name of the running container that publishes this port of the host."""
    for row in client.api.containers():
        if any(each.get("PublicPort") == port for each in row.get("Ports") or ()):
            return str(next(iter(row.get("Names") or ["?"]))).lstrip("/")
    return None


def _health(health: Mapping[str, Any]) -> str:
    status = str(health.get("Status") or "")
    return "" if status == "none" else status


def _last_probe(log: Sequence[Mapping[str, Any]]) -> str:
    if not log:
        return ""
    last = log[-1]
    output = plain(str(last.get("Output") or "").strip())
    return output or (f"the probe ended with {last.get('ExitCode')}" if last.get("ExitCode") else "")


def _moment(raw: Any) -> str:
    text = str(raw or "")
    return "" if text.startswith("0001-") else text


def _ports(bindings: Mapping[str, Any]) -> dict[int, int]:
    """Ports of the host by port of the container."""
    return {
        int(inside.partition("/")[0]): int(rows[0]["HostPort"])
        for inside, rows in bindings.items()
        if rows and str(rows[0].get("HostPort", "")).isdigit()
    }
