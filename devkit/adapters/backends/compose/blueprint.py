"""What an instance should look like: Compose's variables and what each service reads. It asks files, not the engine."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import yaml

from devkit.adapters.backends.compose.configuration import configuration_of, filled
from devkit.adapters.backends.compose.credentials import Credentials
from devkit.adapters.backends.compose.fingerprints import Inputs, fingerprint, inputs_of
from devkit.adapters.backends.compose.services import OFFLINE, OPENMETER, SERVICES, variable
from devkit.adapters.docker.compose_argv import Project
from devkit.adapters.docker.images import Image
from devkit.core.data import data_path
from devkit.core.instance import Instance

CHANGES_FILE = "openmeter.yaml"  # beside devkit.yaml: the user's changes to OpenMeter's configuration


@dataclass(frozen=True)
class Offline:
    """How OpenMeter reaches the stand-in for Stripe that runs on the host.

    authority: the certificate in PEM form that vouches for the stand-in's; no secret
    port:      where the agent listens with TLS, at the address that `stripe_listen_address` names
    """

    authority: str
    port: int


@dataclass(frozen=True)
class Wishes:
    """What is decided for an instance before anything is made.

    ports:    by purpose (services.PORTS)
    public_url: where OpenMeter is reached from outside (apps.baseURL): the tunnel's address, else its own
    images:   by their names in the lock file
    changes:  the user's changes to OpenMeter's configuration
    quick_probes: whether the engine can probe more often while a service starts
    offline:  None where OpenMeter calls Stripe itself
    """

    ports: Mapping[str, int]
    public_url: str
    images: Mapping[str, Image]
    changes: Mapping[str, Any]
    quick_probes: bool = False
    offline: Offline | None = None


@dataclass(frozen=True)
class Blueprint:
    """variables: the environment of Compose, secrets included. inputs: what each service reads."""

    project: Project
    variables: Mapping[str, str]
    inputs: Mapping[str, Inputs]

    def __repr__(self) -> str:
        return f"Blueprint({self.project.name})"


def project_of(instance: Instance, *, quick_probes: bool = False, offline: bool = False) -> Project:
    """The Compose project of an instance. Its name follows from its folder, so that two checkouts never share one."""
    names = ["compose.yaml"]
    names += ["offline.yaml"] if offline else []
    names += ["quick-probes.yaml"] if quick_probes else []
    names += ["offline-quick-probes.yaml"] if offline and quick_probes else []
    folder = instance.folder.resolve()
    identity = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    return Project(f"devkit-{instance.name}-{identity}", tuple(data_path(f"compose/{name}") for name in names), folder)


def blueprint(instance: Instance, wishes: Wishes, credentials: Credentials) -> Blueprint:
    """Raises DevkitError where the user's changes to the configuration cannot be used."""
    project = project_of(instance, quick_probes=wishes.quick_probes, offline=wishes.offline is not None)
    document = _document(wishes)
    variables = _variables(instance, wishes, credentials) | _configurations(wishes, credentials)
    services = [*SERVICES, *(OFFLINE if wishes.offline else ())]
    inputs = {service: inputs_of(service, document, variables) for service in services}
    marks = {variable("FINGERPRINT", service): fingerprint(rows) for service, rows in inputs.items()}
    return Blueprint(project, variables | marks, inputs)


def inputs_file(instance: Instance) -> Path:
    """Where what the services read is kept, as hashes, to name the reasons of the next change."""
    return instance.folder / "services.json"


def read_inputs(instance: Instance) -> dict[str, Inputs]:
    """What the services read when they were last made; empty where it is not known: then reasons have no names."""
    try:
        return msgspec.json.decode(inputs_file(instance).read_bytes(), type=dict[str, Inputs])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _document(wishes: Wishes) -> Mapping[str, Any]:
    """The Compose files as one, but for how often services are probed while they start: that makes none anew."""
    names = ["compose.yaml", *(["offline.yaml"] if wishes.offline else [])]
    documents = [yaml.safe_load(data_path(f"compose/{name}").read_text("utf-8")) for name in names]
    return reduce(_merged, documents)


def _merged(below: Any, above: Any) -> Any:
    """What Compose makes of two files: objects are merged and lists joined."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        both = {key: _merged(value, above[key]) for key, value in below.items() if key in above}
        return {**below, **above, **both}
    return [*below, *above] if isinstance(below, list) and isinstance(above, list) else above


def _variables(instance: Instance, wishes: Wishes, credentials: Credentials) -> dict[str, str]:
    offline = wishes.offline
    standin = {"DEVKIT_OFFLINE_CA": offline.authority, "DEVKIT_STRIPE_PORT": str(offline.port)} if offline else {}
    return {
        **standin,
        "DEVKIT_FOLDER": str(instance.folder.resolve()),
        "DEVKIT_PROBE_INTERVAL": "15s" if wishes.quick_probes else "2s",
        "DEVKIT_KAFKA_CLUSTER": credentials.kafka_cluster,
        "DEVKIT_POSTGRES_PASSWORD": credentials.postgres_password,
        "DEVKIT_CLICKHOUSE_PASSWORD": credentials.clickhouse_password,
        "DEVKIT_SVIX_PASSWORD": credentials.svix_password,
        "DEVKIT_SVIX_JWT_SECRET": credentials.svix_jwt_secret,
        **{variable("IMAGE", name): image.reference for name, image in wishes.images.items()},
        **{variable("PORT", purpose): str(port) for purpose, port in wishes.ports.items()},
    }


def _configurations(wishes: Wishes, credentials: Credentials) -> dict[str, str]:
    """The configuration of each process, as JSON, which YAML readers understand."""
    template = yaml.safe_load(data_path("compose/openmeter.yaml").read_text("utf-8"))
    readers = yaml.safe_load(data_path("compose/readers.yaml").read_text("utf-8"))
    values = {
        "base_url": wishes.public_url,
        "postgres_password": credentials.postgres_password,
        "clickhouse_password": credentials.clickhouse_password,
        "portal_token_secret": credentials.portal_token_secret,
        "svix_api_key": credentials.svix_api_key,
    }
    return {
        variable("CONFIG", process): json.dumps(
            filled(configuration_of(process, template, readers, wishes.changes), values), indent=1, default=str
        )
        for process in OPENMETER
    }
