"""The embedded server in this very process: alone in the foreground, or inside the agent."""

import logging
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from devkit.core.errors import DevkitError, UsageError
from devkit.core.log_format import LogFormat
from devkit.core.ports import HOST, listener
from devkit.embedded.app import HANDLERS, build_app
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.server import run
from devkit.embedded.store.clock import ClockError
from devkit.embedded.store.events import FolderInUseError
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import put_secrets, secrets_of

#: Environment variables: the address at which Stripe reaches the server, where that is not its own; and `1` where
#: nothing reaches it, so that no webhook endpoint is made at Stripe.
APPS_BASE_URL, NO_WEBHOOKS = "DEVKIT_APPS_BASE_URL", "DEVKIT_STRIPE_DISABLE_WEBHOOK_REGISTRATION"

Serve = Callable[[socket.socket, Callable[[], None]], None]  # (listener, ready): answers requests until a signal


def serve(port: int, data: Path, clock: str | None, *, ready: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM; both are its regular end. Raises DevkitError.

    clock: the instant at which the clock of new data starts, RFC 3339; None: at the present, or where it was left
    """
    start = _instant(clock) if clock is not None else None
    own = listener(port, other="devkit serve --port 0")
    with own, open_server(data, start=start) as server, _regular_end():
        url = f"http://{HOST}:{own.getsockname()[1]}"
        _log_to_stderr()
        server.serve(own, lambda: ready(url))


@dataclass(frozen=True)
class Serving:
    """A server over an open data folder.

    reached_at:    tells it where Stripe reaches it from now on
    renew_webhook: has a Stripe app work with another webhook endpoint: app, id of the endpoint, its secret
    """

    serve: Serve
    reached_at: Callable[[str], None]
    renew_webhook: Callable[[str, str, str], None]


@contextmanager
def open_server(data: Path, instance: str = "", *, start: datetime | None = None) -> Iterator[Serving]:
    """Opens the data folder and gives what serves it; `instance` is its owner's token. Raises DevkitError."""
    os.umask(0o077)  # keys of apps are in the data, and the folder may be open to others
    with _store(data, start) as store:
        app = build_app(store, settings_from(os.environ), instance=instance)
        with app.background.periodically():

            def reached_at(url: str) -> None:
                app.settings = replace(app.settings, apps_base_url=url)

            def renew_webhook(app_id: str, endpoint: str, secret: str) -> None:
                with store.records.transaction():
                    key = secrets_of(store, app_id)["apiKey"]
                    put_secrets(store, app_id, api_key=key, webhook_id=endpoint, webhook_secret=secret)

            yield Serving(lambda listener, ready: run(app, listener, ready=ready), reached_at, renew_webhook)


def settings_from(environment: Mapping[str, str]) -> ServerSettings:
    """What the environment says of the server; the rest is as in OpenMeter's quickstart."""
    return ServerSettings(
        apps_base_url=environment.get(APPS_BASE_URL, ""),
        stripe_webhook_registration=environment.get(NO_WEBHOOKS, "") in ("", "0"),
    )


def answered_operations() -> frozenset[str]:
    """The operations that the embedded server answers."""
    return frozenset(HANDLERS)


def _instant(text: str) -> datetime:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"--clock {text}: no RFC 3339 date-time", hint="an example: 2026-01-31T00:00:00Z") from error


@contextmanager
def _store(data: Path, start: datetime | None) -> Iterator[Store]:
    try:
        store = Store(data, start)
    except ClockError as error:
        raise DevkitError(
            f"the data folder {data}: {error}",
            hint="leave --clock out to go on from there, or serve another folder with --data",
        ) from error
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
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormat())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
