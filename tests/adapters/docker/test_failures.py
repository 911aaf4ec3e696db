"""What the engine and Compose say, in devkit's words. The texts are what Engine 20.10 and Compose 2.26 said."""

import pytest

from devkit.adapters.docker.failures import IN_LOGS, explained, known
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError
from devkit.core.ports import PortTakenError


@pytest.mark.parametrize(
    ("said", "cause", "kind"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is it running?",
            "does not answer",
            UnreachableError,
        ),
        (
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            "may not use the Docker engine",
            MissingToolError,
        ),
        (
            "Error: driver failed: Bind for 127.0.0.1:48888 failed: port is already allocated",
            "port 48888",
            PortTakenError,
        ),
        (
            "Error response from daemon: listen tcp4 127.0.0.1:48889: bind: address already in use",
            "port 48889 is taken by another process",
            PortTakenError,
        ),
        ("failed to register layer: write /x: no space left on device", "disk is full", DevkitError),
        (
            "manifest for 127.0.0.1:5000/kafka:8 not found: manifest unknown: manifest unknown",
            "not have this image",
            DevkitError,
        ),
        (
            "pull access denied for devkit-test/none, repository does not exist or may require 'docker login'",
            "not have this image",
            DevkitError,
        ),
        (
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
            "no such image for linux/arm64/v8",
            DevkitError,
        ),
        ("dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host", "name is not known", UnreachableError),
        (
            "Get https://127.0.0.1:5000/v2/: dial tcp 127.0.0.1:5000: connect: connection refused",
            "registry does not answer",
            UnreachableError,
        ),
        ("toomanyrequests: You have reached your pull rate limit", "refuses more pulls", DevkitError),
        ("No such image: devkit-test/kafka:1", "an image is missing", DevkitError),
        ('service "migrate" didn\'t complete successfully: exit 3', "migrate failed (exit code 3)", DevkitError),
        ("dependency failed to start: container p-kafka-1 is unhealthy", "p-kafka-1 is not healthy", DevkitError),
        (
            "dependency failed to start: container p-kafka-1 exited (137)",
            "p-kafka-1 ended (exit code 137)",
            DevkitError,
        ),
        (
            'Error response from daemon: OCI runtime failed: exec: "nc": executable file not found in $PATH: unknown',
            "the image has no program nc",
            DevkitError,
        ),
        ("error setting rlimit type 7: operation not permitted", "open files", DevkitError),
        (
            "required variable DEVKIT_IMAGE_KAFKA is missing a value: devkit sets it",
            "DEVKIT_IMAGE_KAFKA is not set",
            DevkitError,
        ),
        ("validating /c.yaml: services.a Additional property bild is not allowed", "does not understand", DevkitError),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "went away", UnreachableError),
    ],
)
def test_a_known_failure_has_a_cause_its_evidence_and_its_kind(said, cause, kind):
    error = explained(["Container a  Creating", said])
    assert type(error) is kind
    assert cause in error.message
    assert error.evidence == ("Container a  Creating", said)


def test_what_was_tried_stands_before_the_cause():
    error = explained(["manifest unknown"], what="cannot pull kafka:8")
    assert error.message == "cannot pull kafka:8: the registry does not have this image"
    assert error.hint is not None
    assert "--images-from" in error.hint


def test_an_unknown_failure_shows_the_last_lines_and_where_to_look():
    error = explained([f"line {number}" for number in range(20)], what="docker compose failed (exit code 1)")
    assert error.message == "docker compose failed (exit code 1)"
    assert error.evidence[-1] == "line 19"
    assert len(error.evidence) == 8
    assert error.hint == "devkit doctor looks for the cause"


def test_a_services_own_log_is_not_taken_for_the_engines():
    assert known(["dial tcp 172.18.0.3:5432: connection refused"], IN_LOGS) is None
    full = known(["could not extend file: No space left on device"], IN_LOGS)
    assert full is not None
    assert "disk is full" in full.cause
