"""A process is its pid and the moment of its creation."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from devkit.core.processes import (
    Process,
    describe,
    end,
    is_alive,
    name_of,
    process_of,
    running_with,
    same,
    this_process,
)

SLEEP = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
]


@pytest.fixture
def start():
    children = []

    def spawn(command):
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        process = process_of(child.pid)
        assert process is not None
        return process

    yield spawn
    for child in children:
        child.kill()
        child.communicate()


def test_this_process_is_alive():
    assert is_alive(this_process())


def test_a_pid_that_was_given_to_another_process_is_not_ours():
    mine = this_process()
    assert not is_alive(Process(mine.pid, mine.created - 3600))


def test_a_process_that_ended_and_was_not_collected_is_not_alive(start):
    process = start(SLEEP)
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not is_alive(process)


def test_end_lets_a_process_go_by_itself(start):
    process = start(SLEEP)
    assert end(process, grace=10)
    assert not is_alive(process)


def test_end_kills_a_process_that_does_not_listen(start):
    process = start(STUBBORN)
    assert not end(process, grace=0.1)
    assert not is_alive(process)


def test_end_of_a_process_that_is_gone_is_fine():
    assert end(Process(this_process().pid, 1.0), grace=0.1)


def test_a_process_that_never_was_has_no_identity():
    assert process_of(2**22 + 1) is None
    assert name_of(2**22 + 1) == "unknown"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (["/usr/bin/python3.11", "-m", "devkit.agent", "--folder", "x"], "devkit's agent of x"),
        (["python3", "-m", "http.server", "secret"], "python3 -m http.server"),
        (["python", "/srv/app.py", "--token", "secret"], "python app.py"),
        (["python", "-c", "secret"], "python"),
        (["/usr/sbin/nginx", "-g", "secret"], "nginx"),
        (["python"], "python"),
    ],
)
def test_a_description_holds_the_program_and_no_arguments_of_others(line, name):
    assert describe(line) == name


def test_processes_are_found_by_words_of_their_command_line(start):
    process = start([*SLEEP, "--folder", "a b"])
    assert process.pid in {found.pid for found, _ in running_with(["--folder", "a b"])}
    assert process.pid not in {found.pid for found, _ in running_with(["a b", "--folder"])}


def test_a_process_that_is_looked_at_twice_is_the_same_and_another_with_its_pid_is_not():
    mine = this_process()
    assert same(mine, Process(mine.pid, mine.created + 0.5))
    assert not same(mine, Process(mine.pid, mine.created + 5))
    assert not same(mine, Process(mine.pid + 1, mine.created))
