"""What a container's state means during a start."""

import pytest

from devkit.adapters.backends.compose.services import Service
from devkit.adapters.backends.compose.verdicts import LOOPS, SETTLED, Seen, judge
from devkit.adapters.docker.containers import Container

SERVER, WORKER, JOB = Service("i", 60), Service("i", 60, "worker"), Service("i", 60, "job")


def container(**more: object) -> Container:
    return Container(**{"service": "s", "id": "c", "name": "n", "state": "running", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("service", "seen", "well"),
    [
        (SERVER, Seen(container(health="healthy"), 0), True),
        (SERVER, Seen(container(health="starting"), 0), False),
        (SERVER, Seen(container(state="created")), False),
        (SERVER, Seen(None), False),
        (SERVER, Seen(container(state="exited", exit_code=1), pending=True), False),
        (SERVER, Seen(container(state="restarting", exit_code=1), 0, restarts=LOOPS - 1), False),
        (WORKER, Seen(container(), 10 - SETTLED), True),
        (WORKER, Seen(container(), 10 - SETTLED / 2), False),
        (JOB, Seen(container(), 0), False),
        (JOB, Seen(container(state="exited", exit_code=0), 0), True),
    ],
)
def test_there_is_hope(service, seen, well):
    verdict = judge(service, seen, 10)
    assert (verdict.well, verdict.failure) == (well, "")


@pytest.mark.parametrize(
    ("service", "seen", "failure"),
    [
        (SERVER, Seen(container(state="exited", exit_code=1), 0), "ended with exit code 1"),
        (SERVER, Seen(container(state="exited", exit_code=0), 0), "ended with exit code 0"),
        (
            SERVER,
            Seen(container(state="restarting", exit_code=2), 0, LOOPS),
            "keeps ending with exit code 2, 3 times so far",
        ),
        (SERVER, Seen(container(health="healthy"), 0, LOOPS), "keeps ending again and again, 3 times so far"),
        (SERVER, Seen(container(health="unhealthy", probe="a\nrefused"), 0), "is not healthy: refused"),
        (SERVER, Seen(container(health="starting"), -51), "is not healthy after 60 s"),
        (
            WORKER,
            Seen(container(out_of_memory=True, state="restarting"), 0),
            "ran out of memory and was ended by the engine",
        ),
        (JOB, Seen(container(state="exited", exit_code=3), 0), "failed with exit code 3"),
        (JOB, Seen(container(), -51), "has not finished after 60 s"),
    ],
)
def test_there_is_none(service, seen, failure):
    verdict = judge(service, seen, 10)
    assert (verdict.well, verdict.failure) == (False, failure)
