"""One devkit at a time changes an instance. The kernel gives the lock back when its holder dies, however it dies."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, cannot_write
from devkit.core.processes import name_of

_POLL = 0.05


@contextmanager
def locked(instance: Instance, *, wait: float = 10, on_wait: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Holds the instance's lock. After `wait` seconds it raises DevkitError and names the holder.

    on_wait: called once with the holder's description when there is something to wait for.
    The folder of the lock file must exist.
    """
    path, deadline, told = instance.lock_file, time.monotonic() + wait, False
    while (file := try_lock(path)) is None:
        holder = _holder(path)
        if time.monotonic() >= deadline:
            raise DevkitError(
                f"another devkit works on instance {instance.name}: {holder}",
                hint="wait until it is done and try again, or use another instance with --name",
            )
        if not told:
            on_wait(holder)
            told = True
        time.sleep(_POLL)
    with file:
        _sign(file)
        yield


def try_lock(path: Path) -> IO[str] | None:
    """The locked file, None where another process holds it. Closing it gives the lock back.

    The file is made where it is missing. Raises DevkitError where it cannot be.
    """
    try:
        file = path.open("a+")
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        _lock(file)
        # devkit destroy removes the file: a lock on a file that is gone protects nothing.
        if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
    except OSError:
        pass
    file.close()
    return None


def _lock(file: IO[str]) -> None:
    """Raises OSError where the file is locked."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(1 << 30)  # far behind the content, so that others can still read the holder's pid
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sign(file: IO[str]) -> None:
    """Leaves the holder's pid for those who wait. On a full disk they go without: `devkit destroy` must still work."""
    with suppress(OSError):
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), str(os.getpid()).encode())


def _holder(path: Path) -> str:
    try:
        pid = int(path.read_text())
    except (OSError, ValueError):
        return "a process that did not say which"
    return f"pid {pid} ({name_of(pid)})"
