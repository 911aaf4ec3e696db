"""Fake secrets, and the search for them wherever devkit writes, prints or starts something."""

import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.cli.program import Answer

_MARK = "PLANTED"
_PAUSE = 0.04  # seconds between two looks at the processes


def planted(before: str = "") -> str:
    """A secret that is nowhere else. before: what its kind begins with"""
    return f"{before}{_MARK}{secrets.token_hex(10)}"


@dataclass
class Search:
    """values: what is looked for. What is found is named by its place, never by its value."""

    values: list[str]
    seen: set[str] = field(default_factory=set)

    def holds(self, content: str | bytes) -> bool:
        text = content if isinstance(content, str) else content.decode(errors="replace")
        return any(value[max(value.find(_MARK), 0) :] in text for value in self.values)

    def answer(self, answer: Answer, what: str) -> Answer:
        """Nothing of it may be in what a command said."""
        for stream, text in (("stdout", answer.out), ("stderr", answer.err)):
            if self.holds(text):
                self.seen.add(f"{stream} of {what}")
        return answer

    def files(self, folder: Path, *, private: Collection[str] = (), users: Collection[str] = ()) -> None:
        """private: files that may hold one if nobody else reads them; users: the user's own. By their names."""
        for path in folder.rglob("*"):
            if not path.is_file() or path.is_symlink() or path.name in users or not self.holds(path.read_bytes()):
                continue
            if path.name not in private:
                self.seen.add(f"the file {path.name}")
            elif path.stat().st_mode & 0o077:
                self.seen.add(f"the file {path.name}, which others may read")

    @contextmanager
    def processes(self, *, but: str = "") -> "Iterator[None]":
        """Looks at the command lines of all processes meanwhile, and at the environments of those behind devkit.

        but: the flag whose value is in its own process's command line by nature
        """
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(ended, but))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _watch(self, ended: threading.Event, but: str) -> None:
        while not ended.wait(_PAUSE):
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    self._look(process, but)

    def _look(self, process: psutil.Process, but: str) -> None:
        line = process.cmdline()
        if self.holds("\0".join(line)) and not (but and but in line):
            self.seen.add(f"the command line of {' '.join(line[:3])}")
        # The commands themselves are given them there; what they start needs none of them.
        behind = "devkit.agent" in line or "--config" in line
        if behind and self.holds("\0".join(f"{name}={value}" for name, value in process.environ().items())):
            self.seen.add(f"the environment of {' '.join(line[:3])}")
