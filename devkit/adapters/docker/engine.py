"""The engine that answers, and the Compose that goes with it."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException
from docker.tls import TLSConfig

from devkit.adapters.docker.endpoints import Endpoint, endpoints
from devkit.core.errors import DevkitError, MissingToolError

LEAST_ENGINE = (20, 10)
LEAST_COMPOSE = (2, 24)  # configs from the environment, which keep secrets out of files
_ANSWER_WITHIN = 60  # seconds; a busy engine is slow, an absent one refuses at once
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Engine:
    """An engine that answered. version is lenient: Debian and others add to it."""

    endpoint: Endpoint
    client: docker.DockerClient
    version: tuple[int, ...]
    version_text: str
    product: str

    def __str__(self) -> str:
        return f"{self.product} {self.version_text} ({self.endpoint.source})"

    def close(self) -> None:
        self.client.close()


@dataclass(frozen=True)
class ComposeTool:
    """How Compose is called here."""

    argv: tuple[str, ...]
    version: tuple[int, ...]
    version_text: str


def find_engine(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Engine:
    """The first engine that answers. Raises MissingToolError, which says where it looked and what it met."""
    tried = []
    for endpoint in endpoints(environment, home or Path.home(), windows=sys.platform == "win32"):
        try:
            return _connect(endpoint)
        except (DockerException, OSError, ValueError) as error:
            tried.append(f"{endpoint.host} ({endpoint.source}): {_reason(error)}")
    raise MissingToolError("no Docker engine answers", evidence=tried, hint=_way_out(tried))


def find_compose(endpoint: Endpoint, environment: Mapping[str, str] = os.environ) -> ComposeTool:
    """docker's plugin, else the stand-alone program. Raises MissingToolError where there is none, or only version 1."""
    found = ""
    for argv in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(argv[0], path=environment.get("PATH")) is None:
            continue
        text = _first_line([*argv, "version", "--short"], endpoint.environment(environment))
        if version := parse_version(text):
            if version >= LEAST_COMPOSE:
                return ComposeTool(argv, version, text)
            found = found or f"{' '.join(argv)} is {text}"
    raise MissingToolError(
        f"Docker Compose is too old: {found}" if found else "Docker Compose is missing",
        hint=f"install the Compose plugin, version {'.'.join(map(str, LEAST_COMPOSE))} or later"
        " (https://docs.docker.com/compose/install/)",
    )


def parse_version(text: str) -> tuple[int, ...]:
    """The numbers at its beginning; empty where there are none. `2.26.1-4` is (2, 26, 1)."""
    match = _VERSION.match(text.strip())
    return tuple(int(number) for number in match.groups() if number is not None) if match else ()


def _connect(endpoint: Endpoint) -> Engine:
    """Raises DockerException or OSError where nothing answers."""
    if endpoint.host.startswith("unix://") and sys.platform != "win32":
        # Asked here first: docker's client leaves the socket open when nobody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_ANSWER_WITHIN)
            probe.connect(endpoint.host.removeprefix("unix://"))
    tls: Any = False
    if endpoint.tls:
        pem = {name: str(endpoint.tls / f"{name}.pem") for name in ("ca", "cert", "key")}
        tls = TLSConfig(client_cert=(pem["cert"], pem["key"]), ca_cert=pem["ca"], verify=True)
    client = docker.DockerClient(
        base_url=endpoint.host,
        version="auto",
        tls=tls,
        timeout=_ANSWER_WITHIN,
        use_ssh_client=endpoint.host.startswith("ssh://"),
        max_pool_size=30,
    )
    try:
        answer = client.version()
    except BaseException:
        client.close()
        raise
    components = answer.get("Components") or [{}]
    product = "Podman" if "Podman" in str(components[0].get("Name", "")) else "Docker"
    text = str(answer.get("Version", ""))
    return Engine(endpoint, client, parse_version(text), text, product)


def _reason(error: BaseException) -> str:
    text = str(error)
    for known in ("No such file or directory", "Permission denied", "Connection refused", "timed out"):
        if known.lower() in text.lower():
            return known.lower()
    return text.splitlines()[0][:200] if text else type(error).__name__


def _way_out(tried: list[str]) -> str:
    if any("permission denied" in line for line in tried):
        return "add your user to the docker group and log in again, or use --backend embedded"
    return "start Docker (or install it), or use --backend embedded, which needs none"


def _first_line(command: list[str], environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DevkitError(f"{command[0]} does not run: {error}", hint="devkit doctor looks further") from error
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""
