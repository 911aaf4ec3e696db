"""How far the sink worker is behind: events that Kafka has and ClickHouse has not."""

import docker

from devkit.adapters.backends.base import Lag
from devkit.adapters.docker.containers import Container
from devkit.adapters.docker.execution import execute
from devkit.core.errors import DevkitError

GROUP = "openmeter-sink-worker"
BROKER = "kafka:9092"


def sink_lag(client: docker.DockerClient, kafka: Container) -> Lag:
    """Asks Kafka with its own tool, which takes a second or two. Raises DevkitError where it fails."""
    said = execute(
        client, kafka, ["kafka-consumer-groups", "--bootstrap-server", BROKER, "--describe", "--group", GROUP]
    )
    return read_lag(said)


def read_lag(said: str) -> Lag:
    """Reads the tool's table. A group that does not exist yet has neither lag nor consumers. Raises DevkitError."""
    rows = [line.split() for line in said.splitlines() if line.strip()]
    header = next((index for index, row in enumerate(rows) if "LAG" in row and "CONSUMER-ID" in row), None)
    if header is None:
        if "does not exist" in said or "has no active members" in said:
            return Lag(0, 0)
        raise DevkitError("Kafka's answer about the sink worker is not understood", evidence=said.splitlines()[-5:])
    lag, consumer = rows[header].index("LAG"), rows[header].index("CONSUMER-ID")
    table = [row for row in rows[header + 1 :] if len(row) > max(lag, consumer)]
    return Lag(
        sum(int(row[lag]) for row in table if row[lag].isdigit()),
        len({row[consumer] for row in table if row[consumer] != "-"}),
    )
