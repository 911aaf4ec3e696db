"""Runs a command inside a container of a project."""

from collections.abc import Mapping, Sequence

import docker

from devkit.adapters.docker.containers import Container
from devkit.core.errors import DevkitError

_LINES = 8


def execute(
    client: docker.DockerClient,
    container: Container,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> str:
    """What it said. Raises DevkitError where it ended badly.

    environment: for secrets: arguments can be seen by others
    """
    task = client.api.exec_create(container.id, list(command), environment=dict(environment or {}))
    said = bytes(client.api.exec_start(task["Id"])).decode("utf-8", "replace")
    code = client.api.exec_inspect(task["Id"])["ExitCode"]
    if code:
        raise DevkitError(
            f"{command[0]} failed in {container.service} (exit code {code})", evidence=said.splitlines()[-_LINES:]
        )
    return said
