"""Processes, named so that a pid which the system has given to another process is not taken for ours."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psutil

from devkit.core.errors import DevkitError

_POLL = 0.02  # seconds
_CREATED_TOLERANCE = 1.0  # seconds; the two clocks that a system derives it from may differ after a time adjustment


class Process(msgspec.Struct, frozen=True):
    """A process: its pid and when it was created (seconds since the epoch)."""

    pid: int
    created: float


def this_process() -> Process:
    return Process(os.getpid(), psutil.Process().create_time())


def process_of(pid: int) -> Process | None:
    """The process that has this pid now."""
    try:
        return Process(pid, psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def same(one: Process, other: Process) -> bool:
    """Whether the two are one process, looked at twice."""
    return one.pid == other.pid and abs(one.created - other.created) <= _CREATED_TOLERANCE


def is_alive(process: Process) -> bool:
    """Whether this very process still runs; one that has ended but was not collected by its parent does not."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.created) <= _CREATED_TOLERANCE
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def resident_bytes(process: Process) -> int | None:
    """The memory it holds, None where it cannot be read."""
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return None


def name_of(pid: int) -> str:
    """What people would call the process: its program, and for Python the module or script too."""
    try:
        found = psutil.Process(pid)
        line = found.cmdline()
        return describe(line) if line else found.name()
    except psutil.Error:
        return "unknown"


def command_line_of(process: Process) -> list[str]:
    """Empty where it is gone or may not be looked at."""
    try:
        return psutil.Process(process.pid).cmdline() if is_alive(process) else []
    except psutil.Error:
        return []


def describe(command_line: Sequence[str]) -> str:
    """A short name of a command line. Only the program and its script or module: arguments may hold secrets."""
    program = Path(command_line[0]).name
    rest = list(command_line[1:])
    if rest[:3] == ["-m", "devkit.agent", "--folder"]:
        return f"devkit's agent of {rest[3]}"
    if program.startswith("python") and rest:
        if rest[0] == "-m" and len(rest) > 1:
            return f"{program} -m {rest[1]}"
        if not rest[0].startswith("-"):
            return f"{program} {Path(rest[0]).name}"
    return program


def end(process: Process, *, grace: float) -> bool:
    """Asks it to end and, after `grace` seconds, ends it. Returns whether it went by itself. Raises DevkitError."""
    if not is_alive(process):
        return True
    try:
        found = psutil.Process(process.pid)
        found.terminate()
        if _gone_within(process, grace):
            return True
        found.kill()
        _gone_within(process, grace)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied as error:
        raise DevkitError(f"pid {process.pid} belongs to another user, who must end it") from error
    return False


def _gone_within(process: Process, seconds: float) -> bool:
    """psutil's own wait would go on until somebody collects the exit code, which can take an init process seconds."""
    deadline = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def running_with(words: Sequence[str]) -> list[tuple[Process, list[str]]]:
    """Every process of this user whose command line holds these words one after the other, with its command line."""
    found = []
    for each in psutil.process_iter(["pid", "create_time", "cmdline", "status"]):
        line = each.info["cmdline"] or []
        if _holds(line, words) and each.info["status"] != psutil.STATUS_ZOMBIE:
            found.append((Process(each.info["pid"], each.info["create_time"]), line))
    return found


def _holds(line: Sequence[str], words: Sequence[str]) -> bool:
    width = len(words)
    return any(list(line[start : start + width]) == list(words) for start in range(len(line) - width + 1))
