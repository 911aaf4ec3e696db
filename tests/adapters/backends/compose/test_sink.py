"""What Kafka's own tool says of the sink worker."""

import pytest

from devkit.adapters.backends.base import Lag
from devkit.adapters.backends.compose.sink import read_lag
from devkit.core.errors import DevkitError

HEADER = "GROUP       TOPIC     PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST  CLIENT-ID"


def row(partition: int, lag: str, consumer: str) -> str:
    return f"openmeter-sink-worker om_default_events {partition} 40 42 {lag} {consumer} /172.18.0.9 rdkafka"


def test_the_lag_of_all_partitions_is_summed_up():
    assert read_lag("\n".join(["", HEADER, row(0, "2", "rdkafka-1"), row(1, "5", "rdkafka-1")])) == Lag(7, 1)


def test_without_a_consumer_events_wait():
    lag = read_lag("\n".join(["Consumer group 'x' has no active members.", HEADER, row(0, "2", "-")]))
    assert lag == Lag(2, 0)
    assert str(lag) == "no sink worker reads from Kafka; 2 events wait"


def test_a_partition_that_was_never_read_has_no_number():
    assert read_lag("\n".join([HEADER, row(0, "-", "rdkafka-1")])) == Lag(0, 1)
    assert str(Lag(0, 1)) == "all events are stored"


def test_a_group_that_is_not_there_yet_has_no_lag():
    assert read_lag("Error: Consumer group 'openmeter-sink-worker' does not exist.") == Lag(0, 0)


def test_an_answer_that_is_not_understood_is_an_error():
    with pytest.raises(DevkitError, match="not understood"):
        read_lag("java.lang.NoClassDefFoundError")
