"""What Compose has yet to act on is not judged by its past."""

from typing import Any

import docker
import pytest

from devkit.adapters.backends.compose import starting
from devkit.adapters.backends.compose.services import SERVICES
from devkit.adapters.backends.compose.starting import Watch
from devkit.adapters.docker.containers import Container

MOMENT = "2026-01-01T00:00:00Z"


def container(service: str = "sink-worker", **more: Any) -> Container:
    values: dict[str, Any] = {"service": service, "id": "old", "name": "n", "state": "running", "started_at": MOMENT}
    return Container(**{**values, **more})


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch):
    """The verdict on one service, from how it was and how it is."""

    def verdict(before: Container | None, now: Container, action: str | None):
        monkeypatch.setattr(starting, "observe", lambda *_: {now.service: now})
        client = docker.DockerClient.__new__(docker.DockerClient)
        acting = {now.service: action} if action else {}
        return Watch(client, "p", {before.service: before} if before else {}, acting).look(100.0)[now.service]

    return verdict


def test_an_ended_container_that_is_to_start_again_has_not_failed(look):
    ended = container(state="exited", exit_code=137)
    assert look(ended, ended, "start").failure == ""
    assert look(None, ended, "start").failure == "ended with exit code 137"


def test_a_container_that_is_made_anew_is_not_judged_by_the_old_one_even_while_that_restarts(look):
    looping = container(state="restarting", exit_code=1, restarts=7, out_of_memory=True)
    later = container(state="restarting", exit_code=1, restarts=8, out_of_memory=True, started_at="later")
    assert look(looping, later, "recreate").failure == ""
    assert "memory" in look(looping, container(id="new", out_of_memory=True), "recreate").failure


def test_restarts_of_before_do_not_count(look):
    before = container(state="exited", exit_code=1, restarts=9)
    assert look(before, container(started_at="later", restarts=10), "start").failure == ""


def test_a_service_that_nobody_acts_on_needs_no_time_to_prove_itself(look):
    jobs = container("jobs")
    assert SERVICES["jobs"].kind == "worker"
    assert look(jobs, jobs, None).well
    assert not look(jobs, container("jobs", started_at="later"), "start").well


def test_a_job_that_runs_already_is_waited_for(look):
    running = container("migrate")
    assert look(running, running, "start").failure == ""
    assert look(running, container("migrate", state="exited", exit_code=0, started_at="later"), "start").well
