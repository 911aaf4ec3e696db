"""kill -9 loses no acknowledged event and stores none twice."""

import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore

# Prints the number of each batch after it was acknowledged. Every third batch repeats the events of the one before.
WRITER = """
    import sys
    from pathlib import Path
    from devkit.embedded.domain.events import Event
    from devkit.embedded.store.clock import Clock
    from devkit.embedded.store.events import EventStore, event_store
    event_store._FLUSH_PAUSE_SECONDS = 0.0
    store = EventStore(Path(sys.argv[1]), Clock())
    for n in range(int(sys.argv[2]), sys.maxsize):
        shown = n - 1 if n % 3 == 2 else n
        store.append([Event(f"{shown}-{i}", "s", "t", "u", 1 + n, '{"n":1}') for i in range(1 + shown % 50)])
        print(n, flush=True)
"""


def write_and_kill(folder: Path, first: int, batches: int) -> int:
    """Lets a process acknowledge some batches, kills it, and returns the number of the last one acknowledged."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), str(first)]
    last = first - 1
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            last = int(line)
            if last >= first + batches:
                writer.kill()
                break
        for line in writer.stdout:  # acknowledged before the kill took effect
            last = int(line) if line.endswith("\n") else last
    assert writer.returncode == -9
    return last


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_no_acknowledged_event_is_lost_and_none_is_stored_twice(tmp_path: Path) -> None:
    chance = random.Random(os.urandom(8))
    last = -1
    for _ in range(6):
        last = write_and_kill(tmp_path, last + 1, chance.randint(1, 1500))
    store = EventStore(tmp_path, Clock())
    with store.reading() as cursor:
        stored = [row[0] for row in cursor.execute("SELECT id FROM events").fetchall()]
        order = cursor.execute("SELECT count(*), count(DISTINCT seq) FROM events").fetchall()
    store.close()
    acknowledged = {f"{n}-{i}" for n in range(last + 1) if n % 3 != 2 for i in range(1 + n % 50)}
    acknowledged |= {f"{n - 1}-{i}" for n in range(last + 1) if n % 3 == 2 for i in range(1 + (n - 1) % 50)}
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored))
    assert order == [(len(stored), len(stored))]
