"""What an instance owns in the engine: containers, networks and volumes with its project's label."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import docker
from docker.errors import APIError, NotFound

from devkit.adapters.docker.containers import PROJECT_LABEL
from devkit.adapters.docker.failures import explained
from devkit.core.errors import DevkitError

_PAUSE = 0.2  # seconds between two attempts


@dataclass(frozen=True)
class Resource:
    """One thing in the engine. kind: container, network or volume."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def resources(client: docker.DockerClient, project: str) -> list[Resource]:
    """Everything with the label of the project, in the order in which it can be removed."""
    return list(_resources(client, project))


def volumes(client: docker.DockerClient, project: str) -> list[str]:
    """Its volumes, by name."""
    return [each.name for each in _resources(client, project) if each.kind == "volume"]


def sweep(client: docker.DockerClient, project: str, kinds: Sequence[str], *, within: float = 30) -> None:
    """Removes what the project has of these kinds. within: seconds that the engine may be busy with one of them.

    Raises DevkitError for what cannot be removed, and what the engine's API raises where the engine is gone.
    """
    deadline = time.monotonic() + within
    while left := [each for each in _resources(client, project) if each.kind in kinds]:
        for each in left:
            try:
                remove(client, each)
            except DevkitError:
                # A container under removal holds its network and volumes a moment longer.
                if time.monotonic() > deadline:
                    raise
        time.sleep(_PAUSE)


def remove(client: docker.DockerClient, resource: Resource) -> None:
    """Removes it; one that is gone already is fine. Raises DevkitError where something else uses it."""
    try:
        if resource.kind == "container":
            # With its unnamed volumes: an image may declare one that the Compose file does not name.
            client.api.remove_container(resource.name, v=True, force=True)
        elif resource.kind == "network":
            client.api.remove_network(resource.name)
        else:
            client.api.remove_volume(resource.name, force=True)
    except NotFound:
        return
    except APIError as error:
        raise explained(
            [str(error.explanation or error)],
            what=f"cannot remove {resource}",
            hint="docker ps --all shows what uses it; remove that first",
        ) from error


def _resources(client: docker.DockerClient, project: str) -> Iterator[Resource]:
    wanted = {"label": f"{PROJECT_LABEL}={project}"}
    for row in client.api.containers(all=True, filters=wanted):
        yield Resource("container", str(next(iter(row.get("Names") or [row["Id"]]))).lstrip("/"))
    for row in client.api.networks(filters=wanted):
        yield Resource("network", str(row["Name"]))
    for row in client.api.volumes(filters=wanted)["Volumes"] or ():
        yield Resource("volume", str(row["Name"]))
