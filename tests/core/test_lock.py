"""One at a time; the holder is named; a dead holder holds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import devkit
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.lock import locked

HOLDER = """
import sys, time
from pathlib import Path
from devkit.core.instance import Instance
from devkit.core.lock import locked
with locked(Instance(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def instance(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    return instance


@pytest.fixture
def holder(instance):
    package = str(Path(devkit.__file__).parents[1])
    command = [sys.executable, "-c", HOLDER, str(instance.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": package}) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


def test_a_lock_that_is_held_names_its_holder(instance, holder):
    waited: list[str] = []
    with (
        pytest.raises(DevkitError, match=f"pid {holder.pid}") as caught,
        locked(instance, wait=0.2, on_wait=waited.append),
    ):
        pass
    assert waited == [f"pid {holder.pid} ({Path(sys.executable).name})"]
    assert "--name" in str(caught.value.hint)


def test_a_killed_holder_holds_nothing(instance, holder):
    holder.kill()
    holder.wait()
    with locked(instance, wait=0):
        assert instance.lock_file.read_text() == str(os.getpid())


def test_a_lock_can_be_taken_again_and_again(instance):
    for _ in range(3):
        with locked(instance, wait=0):
            pass


def test_a_lock_whose_file_was_removed_can_be_taken_by_others(instance):
    with locked(instance, wait=0):
        instance.lock_file.unlink()
        with locked(instance, wait=0):
            pass
