"""The end of a log file, and what is added to it, across rotations."""

import time
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 64 * 1024
_POLL = 0.2  # seconds


def last_lines(path: Path, count: int) -> list[str]:
    """The last `count` lines, oldest first; none where the file cannot be read."""
    if count <= 0:
        return []
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            content = b""
            while end and content.count(b"\n") <= count:
                start = max(0, end - _BLOCK)
                file.seek(start)
                content = file.read(end - start) + content
                end = start
    except OSError:
        return []
    return content.decode("utf-8", "replace").splitlines()[-count:]


def follow(path: Path) -> Iterator[str]:
    """The lines that are added from this call on, for ever. The file is opened anew each time: it can be rotated."""
    return _follow(path, *_end(path))


def _follow(path: Path, position: int, inode: int) -> Iterator[str]:
    rest = b""
    while True:
        added, position, inode = _added(path, position, inode)
        *lines, rest = (rest + added).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
        if not added:
            time.sleep(_POLL)


def _end(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_ino


def _added(path: Path, position: int, inode: int) -> tuple[bytes, int, int]:
    """What stands behind `position`, or all of a file that took the place of the known one."""
    size, found = _end(path)
    start = position if found == inode and size >= position else 0
    try:
        with path.open("rb") as file:
            file.seek(start)
            added = file.read(_BLOCK)
    except OSError:
        return b"", 0, found
    return added, start + len(added), found
