"""What would be done to a service, and why."""

import pytest

from devkit.adapters.backends.base import Change
from devkit.adapters.backends.compose.fingerprints import fingerprint
from devkit.adapters.backends.compose.plan import changes
from devkit.adapters.docker.containers import Container

INPUTS = {"image": "1", "configuration sink.minCommitCount": "2"}


def container(service: str = "sink-worker", **more: object) -> Container:
    values = {"service": service, "id": "c", "name": "n", "state": "running", "fingerprint": fingerprint(INPUTS)}
    return Container(**{**values, **more})  # type: ignore[arg-type]


def plan(found: Container | None, service: str = "sink-worker", before: dict[str, str] | None = None) -> list[Change]:
    return changes(
        {service: INPUTS}, {service: INPUTS if before is None else before}, {service: found} if found else {}
    )


def test_a_service_that_is_as_it_should_be_is_left_alone():
    assert plan(container(health="healthy")) == []
    assert plan(container(health="starting")) == []


@pytest.mark.parametrize(
    ("found", "action", "reason"),
    [
        (None, "create", "it is not there"),
        (container(state="created"), "start", "it was made but never ran"),
        (container(state="exited", exit_code=137), "start", "it ended with exit code 137"),
        (container(state="exited", exit_code=137, out_of_memory=True), "start", "it ran out of memory"),
        (container(state="restarting", exit_code=1), "restart", "it keeps ending (exit code 1)"),
        (container(health="unhealthy", probe="refused"), "restart", "it is not healthy (refused)"),
        (container(state="paused"), "restart", "it is paused"),
        (container(doubles=("0123_n",)), "recreate", "an earlier change of it was cut short"),
        (container(fingerprint=""), "recreate", "it was made by another devkit"),
    ],
)
def test_what_is_wrong_is_the_reason(found, action, reason):
    assert plan(found) == [Change("sink-worker", action, reason)]


def test_a_change_is_named_by_what_the_service_reads():
    before = {**INPUTS, "configuration sink.minCommitCount": "1"}
    assert plan(container(fingerprint="old"), before=before) == [
        Change("sink-worker", "recreate", "configuration sink.minCommitCount changed")
    ]


def test_what_only_offline_needs_is_removed_without_it():
    found = {"sink-worker": container(), "stripe": container("stripe")}
    assert changes({"sink-worker": INPUTS}, {}, found) == [Change("stripe", "remove", "only --offline needs it")]
    assert changes({"sink-worker": INPUTS, "stripe": INPUTS}, {}, found) == []


def test_a_job_that_is_done_is_right_and_one_that_failed_runs_again():
    assert plan(container("migrate", state="exited", exit_code=0), "migrate") == []
    assert plan(container("migrate", state="exited", exit_code=3), "migrate")[0].action == "start"
    assert plan(container("migrate"), "migrate")[0].reason == "it has not finished"
