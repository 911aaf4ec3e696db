"""The services of the stack, as compose/compose.yaml names them, and what devkit has to know of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Service:
    """image: its name in the lock file. within: seconds from its container's start until it must be well.

    kind: a server has a health check; a worker that has none must stay up; a job must end well.
    """

    image: str
    within: float
    kind: Literal["server", "worker", "job"] = "server"


SERVICES: Mapping[str, Service] = {
    "kafka": Service("kafka", 90),
    "clickhouse": Service("clickhouse", 90),
    "postgres": Service("postgres", 90),
    "redis": Service("redis", 45),
    "svix": Service("svix", 90),
    "migrate": Service("openmeter", 180, "job"),
    "openmeter": Service("openmeter", 90),
    "sink-worker": Service("openmeter", 60),
    "balance-worker": Service("openmeter", 60),
    "billing-worker": Service("openmeter", 60),
    "notification-service": Service("openmeter", 60),
    "jobs": Service("openmeter", 60, "worker"),
}
# Those that are there with --offline only (compose/offline.yaml).
OFFLINE: Mapping[str, Service] = {"stripe": Service("postgres", 45)}
EVERY: Mapping[str, Service] = {**SERVICES, **OFFLINE}
OPENMETER = tuple(name for name, service in SERVICES.items() if service.image == "openmeter")
IMAGES = tuple(dict.fromkeys(service.image for service in SERVICES.values()))

# The ports of an instance, counted from the first of its block.
PORTS: Mapping[str, int] = {
    "openmeter": 0,
    "sink-worker": 1,
    "balance-worker": 2,
    "billing-worker": 3,
    "notification-service": 4,
}


def variable(prefix: str, name: str) -> str:
    """The variable of compose.yaml that belongs to a service: DEVKIT_PORT_SINK_WORKER."""
    return f"DEVKIT_{prefix}_{name.upper().replace('-', '_')}"
