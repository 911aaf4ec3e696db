"""How long `devkit up` takes, cold and with nothing to do, and how much memory an idle instance holds.

python benchmarks/up.py [--idle SECONDS]

Cold: no agent, no data, to the proof that an event was counted; goal: at most 3 s. No-op: a second `up`; goal: at most
1 s. Memory: resident, right after `up` and after 30 idle seconds; goal: under 150 MB. Beside them a bare start of the
same interpreter and its memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

RUNS = 5
CHECKOUT = Path(__file__).resolve().parents[1]
BARE_MEMORY = "import sys; print(flush=True); sys.stdin.read()"


def devkit(folder: Path, *words: str) -> tuple[float, Any]:
    """Seconds, and the data that the command answered."""
    command = [sys.executable, "-m", "devkit", *words, "--output", "json"]
    seconds, out = timed(command, folder)
    return seconds, json.loads(out)["data"]


def timed(command: Sequence[str], folder: Path) -> tuple[float, bytes]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "DEVKIT_BACKEND": "embedded"}
    started = time.perf_counter()
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started, run.stdout


def cold_and_again(folder: Path) -> tuple[float, float]:
    """Seconds of `up` on nothing, and of `up` once more."""
    try:
        cold, data = devkit(folder, "up")
        if not data["changed"]:
            raise SystemExit("the instance was up already")
        again, data = devkit(folder, "up")
        if data["changed"]:
            raise SystemExit("the second up changed something")
    finally:
        devkit(folder, "destroy", "--yes")
    return cold, again


def resident(pid: int) -> float:
    """MB of a process and its children."""
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6


def idle_memory(folder: Path, idle: float) -> tuple[float, float]:
    """MB right after `up`, and after `idle` seconds."""
    try:
        _, data = devkit(folder, "up")
        first = resident(data["pid"])
        time.sleep(idle)
        return first, resident(data["pid"])
    finally:
        devkit(folder, "destroy", "--yes")


def bare_memory() -> float:
    """MB of an interpreter that has nothing to do."""
    command = [sys.executable, "-c", BARE_MEMORY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        found = resident(child.pid)
        child.communicate()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=float, default=30, help="seconds before memory is looked at again")
    idle: float = parser.parse_args().idle
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bare = statistics.median(timed([sys.executable, "-c", "pass"], folder)[0] for _ in range(15))
        runs = [cold_and_again(folder) for _ in range(RUNS)]
        cold, again = (statistics.median(column) for column in zip(*runs, strict=True))
        after, later = idle_memory(folder, idle)
    base = bare_memory()
    print(f"bare interpreter        {bare:6.3f} s      (median of 15)")
    print(f"cold up, ingest proven  {cold:6.3f} s      {cold / bare:5.0f} x   (median of {RUNS}; goal: at most 3 s)")
    print(f"up with nothing to do   {again:6.3f} s      {again / bare:5.0f} x   (goal: at most 1 s)")
    print(f"bare interpreter        {base:6.1f} MB")
    print(f"agent after up          {after:6.1f} MB     {after / base:5.1f} x   (goal: under 150 MB)")
    print(f"agent after {idle:3.0f} s       {later:6.1f} MB     {later / base:5.1f} x")


if __name__ == "__main__":
    main()
