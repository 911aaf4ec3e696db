"""Forgets all events and that they were ever seen.

The two go together: an event whose key Redis still knows is dropped in silence when it is sent again, and one that only
Redis forgot is stored twice. What still stands in Kafka would come back, so it is skipped.
"""

from collections.abc import Callable, Mapping

import docker

from devkit.adapters.backends.compose.sink import BROKER, GROUP
from devkit.adapters.docker.containers import Container
from devkit.adapters.docker.execution import execute
from devkit.core.errors import DevkitError

# Nothing may be taken in or stored while the events go.
PAUSED = ("openmeter", "sink-worker")
DEDUPE_DATABASE = "1"  # of Redis: openmeter.yaml gives it to deduplication alone
_SKIP = (
    "kafka-consumer-groups", "--bootstrap-server", BROKER, "--group", GROUP,
    "--reset-offsets", "--to-latest", "--all-topics", "--execute",
)  # fmt: skip
# The client takes user and password from the environment of the container, so that neither stands in a command line.
_EMPTY = ("clickhouse-client", "--query", "TRUNCATE TABLE IF EXISTS openmeter.om_events")
_FORGET = ("redis-cli", "-n", DEDUPE_DATABASE, "FLUSHDB")
STEPS = (("kafka", _SKIP), ("clickhouse", _EMPTY), ("redis", _FORGET))


def reset_events(client: docker.DockerClient, observed: Mapping[str, Container], tell: Callable[..., None]) -> None:
    """Empties the three stores, with the services of PAUSED stopped. Raises DevkitError where one of them is not up."""
    for name, _ in STEPS:
        if (container := observed.get(name)) is None or not container.well:
            raise DevkitError(f"{name} must run to forget events", hint="devkit up starts it")
    if running := [name for name in PAUSED if (each := observed.get(name)) and each.up]:
        raise DevkitError(f"{', '.join(running)} must be stopped before events are forgotten")
    for name, command in STEPS:
        tell(f"{name}: {command[0]}")
        execute(client, observed[name], list(command))
