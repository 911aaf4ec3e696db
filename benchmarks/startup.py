"""How long `devkit --help` takes, beside a bare start of the same Python interpreter. At most 12 times as long.

python benchmarks/startup.py
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 15
GOAL = 12.0  # bare interpreter starts
CHECKOUT = Path(__file__).resolve().parents[1]
BARE = (sys.executable, "-c", "pass")
HELP = (sys.executable, "-m", "devkit", "--help")


def milliseconds(command: Sequence[str]) -> float:
    """The median of RUNS starts, after one that fills the caches."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    taken = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[1:])


def main() -> None:
    bare, shown = milliseconds(BARE), milliseconds(HELP)
    print(f"bare interpreter   {bare:7.1f} ms   (median of {RUNS})")
    print(f"devkit --help      {shown:7.1f} ms")
    print(f"ratio              {shown / bare:7.1f}      (goal: at most {GOAL:g})")


if __name__ == "__main__":
    main()
