"""The embedded server in this very process: alone in the foreground, or inside the agent."""

import errno
import logging
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from devkit.core.errors import DevkitError
from devkit.core.ports import HOST, bind, owner_of
from devkit.embedded.app import HANDLERS, build_app
from devkit.embedded.server import run
from devkit.embedded.store.events import FolderInUseError
from devkit.embedded.store.store import Store

Serve = Callable[[socket.socket, Callable[[], None]], None]  # (listener, ready): answers requests until a signal


def serve(port: int, data: Path, *, ready: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM; both are its regular end. Raises DevkitError."""
    with _listener(port) as listener, open_server(data) as answer_requests, _regular_end():
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        _log_to_stderr()
        answer_requests(listener, lambda: ready(url))


@contextmanager
def open_server(data: Path, instance: str = "") -> Iterator[Serve]:
    """Opens the data folder and gives what serves it; `instance` is its owner's token. Raises DevkitError."""
    with _store(data) as store:
        app = build_app(store, instance=instance)
        yield lambda listener, ready: run(app, listener, ready=ready)


def answered_operations() -> frozenset[str]:
    """The operations that the embedded server answers."""
    return frozenset(HANDLERS)


def _listener(port: int) -> socket.socket:
    try:
        return bind(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise DevkitError(
                f"port {port} is taken by {owner_of(port)}", hint="choose another one: devkit serve --port 0"
            ) from error
        raise DevkitError(f"cannot listen on port {port}: {error.strerror or error}") from error


@contextmanager
def _store(data: Path) -> Iterator[Store]:
    try:
        store = Store(data)
    except FolderInUseError as error:
        raise DevkitError(
            f"the data folder {data} is in use by another process",
            hint="end that process (devkit list shows instances), or serve another folder",
        ) from error
    except (OSError, sqlite3.Error, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DevkitError(
            f"cannot use the data folder {data}: {reason}", hint="choose another folder: devkit serve --data FOLDER"
        ) from error
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _regular_end() -> Iterator[None]:
    """uvicorn raises the signals again that ended it; here they have done their work."""
    before = {ending: signal.signal(ending, lambda *_: None) for ending in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _log_to_stderr() -> None:
    """Warnings and errors of the server, tracebacks among them, go to its own stderr."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
