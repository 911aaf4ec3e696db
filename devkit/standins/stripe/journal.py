"""What the stand-in knows, in a file: a line for each request that changed something.

A line is written before the answer goes out, so that nothing that was answered is lost however the process ends.
Nothing waits for the disk itself: only the machine's own end, not the process's, could cost the last lines. The whole
state is written anew, atomically, at each start and when the lines have outgrown it.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.errors import DevkitError
from devkit.core.instance import cannot_write
from devkit.core.lock import try_lock
from devkit.standins.stripe.account import Parcel
from devkit.standins.stripe.books import Book, Replay

log = logging.getLogger(__name__)

_HEADER = b'{"devkit-standin-stripe":1}'
_LEAST_LINES = 4 << 20  # bytes of lines that are never worth writing all anew


class Change(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A line. account: the key of the account that the rest is about; objects: None for those that are gone.

    pending: deliveries that are to be made; done: the ids of those that are over
    """

    account: str = ""
    id: str = ""
    invoice_numbers: int = 0
    objects: dict[str, dict[str, Any] | None] = {}
    secrets: dict[str, str] = {}
    replays: dict[str, Replay] = {}
    pending: list[Parcel] = []
    done: list[str] = []


class _Saved:
    """An account as the file has it: its objects as JSON, by which a change of one is noticed."""

    def __init__(self) -> None:
        self.id = ""
        self.invoice_numbers = 0
        self.objects: dict[str, bytes] = {}
        self.secrets: dict[str, str] = {}
        self.replays: dict[str, Replay] = {}

    def difference(self, book: Book) -> "Change | None":
        """What is to be written so that the file has the account as it is; None where it has."""
        account = book.account
        now = {id_: msgspec.json.encode(thing) for id_, thing in account.objects.items()}
        changed: dict[str, Any] = {id_: msgspec.Raw(one) for id_, one in now.items() if self.objects.get(id_) != one}
        gone = dict.fromkeys(id_ for id_ in self.objects if id_ not in now)
        secrets = {id_: one for id_, one in account.secrets.items() if self.secrets.get(id_) != one}
        replays = {key: one for key, one in book.replays.items() if self.replays.get(key) is not one}
        same = (self.id, self.invoice_numbers) == (account.id, account.invoice_numbers)
        if same and not (changed or gone or secrets or replays):
            return None
        return Change(account.key, account.id, account.invoice_numbers, changed | gone, secrets, replays)

    def take(self, change: Change) -> None:
        """The change is in the file."""
        self.id, self.invoice_numbers = change.id, change.invoice_numbers
        for id_, thing in change.objects.items():
            if thing is None:
                self.objects.pop(id_, None)
            else:
                self.objects[id_] = msgspec.json.encode(thing)
        self.secrets |= change.secrets
        self.replays |= change.replays

    def fill(self, book: Book) -> None:
        """Gives an account what the file has of it."""
        account = book.account
        account.id, account.invoice_numbers = self.id, self.invoice_numbers
        account.objects = {id_: msgspec.json.decode(one) for id_, one in self.objects.items()}
        account.secrets, book.replays = dict(self.secrets), dict(self.replays)

    def whole(self, key: str) -> Change:
        objects: dict[str, Any] = {id_: msgspec.Raw(one) for id_, one in self.objects.items()}
        return Change(key, self.id, self.invoice_numbers, objects, self.secrets, self.replays)


class Journal:
    """The file. It may be used by many threads; whoever saves an account holds that account's lock."""

    def __init__(self, path: Path) -> None:
        """Reads the file where there is one and writes it anew. A damaged one is moved aside.

        Raises DevkitError where another process has the file, and where it cannot be used.
        """
        self._path = path
        self._lock = threading.Lock()
        self._accounts: dict[str, _Saved] = {}
        self._pending: dict[str, Parcel] = {}
        self._held = _hold(path)
        try:
            self._read()
            self._file = self._written_anew()
        except OSError as error:
            self._held.close()
            raise cannot_write(path, error) from error

    def restore(self, opened: Callable[[str], Book]) -> dict[str, Book]:
        """The accounts of the file, by their keys. opened: makes an empty one."""
        books = {}
        for key, saved in self._accounts.items():
            books[key] = book = opened(key)
            saved.fill(book)
        return books

    @property
    def pending(self) -> list[Parcel]:
        """The deliveries that are still to be made, the oldest first."""
        with self._lock:
            return list(self._pending.values())

    def save(self, book: Book, parcels: Iterable[Parcel] = (), *, over: Iterable[Parcel] = ()) -> None:
        """Writes what has changed in the account.

        parcels: deliveries that come of it; over: those that were made or given up
        Raises OSError: then the next one writes this, too.
        """
        pending, done = list(parcels), [parcel.id for parcel in over]
        with self._lock:
            change = self._accounts.setdefault(book.account.key, _Saved()).difference(book)
            if change is not None or pending or done:
                self._write(msgspec.structs.replace(change or Change(), pending=pending, done=done))

    def close(self) -> None:
        """Gives the file back. A second time is fine."""
        with self._lock:
            if not self._held.closed:
                os.close(self._file)
                self._held.close()

    def _read(self) -> None:
        try:
            for change in _changes(self._path):
                self._take(change)
        except (msgspec.MsgspecError, ValueError) as error:
            self._accounts, self._pending = {}, {}
            _set_aside(self._path, error)

    def _write(self, change: Change) -> None:
        line = msgspec.json.encode(change) + b"\n"
        try:
            _write_all(self._file, line)
        except OSError:
            # A part of the line may stand there, to which the next one must not be added.
            os.ftruncate(self._file, self._whole + self._lines)
            raise
        self._lines += len(line)
        self._take(change)
        if self._lines > max(_LEAST_LINES, 2 * self._whole):
            self._replace()

    def _replace(self) -> None:
        old = self._file
        try:
            self._file = self._written_anew()
        except OSError as error:
            log.warning("cannot write %s anew, so it goes on growing: %s", self._path, error)
        else:
            os.close(old)

    def _take(self, change: Change) -> None:
        if change.account:
            self._accounts.setdefault(change.account, _Saved()).take(change)
        self._pending |= {parcel.id: parcel for parcel in change.pending}
        for id_ in change.done:
            self._pending.pop(id_, None)

    def _written_anew(self) -> int:
        """Writes the whole and opens the file for the lines to come."""
        changes = [saved.whole(key) for key, saved in self._accounts.items()]
        lines = [_HEADER, *map(msgspec.json.encode, [*changes, Change(pending=list(self._pending.values()))])]
        content = b"\n".join(lines) + b"\n"
        write_atomically(self._path, content)
        self._whole, self._lines = len(content), 0
        return os.open(self._path, os.O_WRONLY | os.O_APPEND)


def _hold(path: Path) -> IO[str]:
    """A file beside it that is locked, since the file itself is replaced now and then."""
    held = try_lock(path.with_name(f".{path.name}.lock"))
    if held is None:
        raise DevkitError(
            f"another process keeps Stripe's stand-in in {path}", hint="end that one, or name another file"
        )
    return held


def _changes(path: Path) -> list[Change]:
    """The lines of the file. Raises ValueError or MsgspecError where it is damaged, OSError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    if not content:
        return []
    # What stands behind the last line break was cut off by the end of the process and never answered.
    header, *lines = content.split(b"\n")[:-1] or [b""]
    if header != _HEADER:
        raise ValueError("it was not written by this stand-in")
    decoder = msgspec.json.Decoder(Change)
    return [decoder.decode(line) for line in lines]


def _set_aside(path: Path, error: Exception) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    path.replace(aside)
    log.warning("%s is damaged (%s): Stripe's stand-in begins with nothing, and the file is now %s", path, error, aside)


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
