"""The agent as a program: its command line, its log on stdout, its end."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devkit.standins.ngrok import modes
from devkit.standins.ngrok.server import VERSION, Server

_POLL_SECONDS = 0.1
_LONGEST_ORPHAN = 60  # seconds that an agent goes on whose parent has gone


def main(arguments: Sequence[str]) -> int:
    """Runs one command of the agent and returns the exit code."""
    parser = argparse.ArgumentParser(prog="ngrok", description="A stand-in for the ngrok agent.", allow_abbrev=False)
    parser.add_argument("command", nargs="*")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--none", action="store_true")
    for option in ("--log", "--config", "--authtoken", "--region"):
        parser.add_argument(option)
    given = parser.parse_args(arguments)
    match given.command:
        case [] | ["version"] if given.version or given.command:
            _print(f"ngrok version {VERSION}")
        case ["update"]:
            _print("No update available, this is the latest version.")
        case ["config", "add-authtoken" | "add-api-key" as action, secret]:
            return _save(given.config, "authtoken" if action == "add-authtoken" else "api_key", secret)
        case ["start"] if given.none:
            return _start(
                given.authtoken or _settings(given.config).get("authtoken") or os.environ.get("NGROK_AUTHTOKEN")
            )
        case _:
            parser.error("the stand-in knows: start --none, config add-authtoken, config add-api-key, version, update")
    return 0


def _start(token: str | None) -> int:
    parent, mode = os.getppid(), os.environ.get(modes.VARIABLE, "")
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    if mode not in modes.MODES:
        _log("eror", "unknown mode", err=f"{modes.VARIABLE} is one of {' '.join(modes.MODES[1:])}")
        return 2
    if mode in modes.REFUSED or not token:
        _log("eror", "failed to start", err=modes.REFUSED[mode if mode in modes.REFUSED else "4018"])
        return 1
    if mode in (modes.SILENT, modes.OFFLINE):
        _wait(ended, parent, mode)
        return 0
    with Server(mode=mode) as server:
        _log("info", "starting web service", obj="web", addr=server.address)
        _log("info", "client session established", obj="tunnels.session")
        _log("info", "tunnel session started", obj="tunnels.session")
        _wait(ended, parent, mode, server.ended)
    return 0


def _wait(ended: threading.Event, parent: int, mode: str, died: threading.Event | None = None) -> None:
    """Until a signal, the end of the parent, or until it is told to die."""
    orphaned_at: float | None = None
    while not ended.wait(_POLL_SECONDS):
        if mode == modes.OFFLINE:
            _log("eror", "failed to reconnect session", obj="tunnels.session", err="dial tcp: lookup: no such host")
        if died is not None and died.is_set():
            return
        if os.getppid() != parent:
            orphaned_at = orphaned_at or time.monotonic()
            if mode != modes.OUTLIVES or time.monotonic() - orphaned_at > _LONGEST_ORPHAN:
                return


def _log(level: str, message: str, **members: str) -> None:
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    _print(" ".join([f"t={when}", f"lvl={level}", f"msg={json.dumps(message)}", *_quoted(members)]))


def _quoted(members: Mapping[str, str]) -> list[str]:
    return [f"{name}={json.dumps(value) if ' ' in value else value}" for name, value in members.items()]


def _print(line: str) -> None:
    """What reads the log may have gone; the agent goes on."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the program ends


def _settings(path: str | None) -> dict[str, Any]:
    """What the configuration file says of the agent, in either version of the format."""
    import yaml

    if path is None or not Path(path).is_file():
        return {}
    content = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    return dict(content.get("agent") or {}) if str(content.get("version")) == "3" else dict(content)


def _save(path: str | None, name: str, secret: str) -> int:
    if path is None:
        _print("the stand-in saves in a file that --config names")
        return 1
    file = Path(path)
    file.touch(mode=0o600)
    content = {"version": "3", "agent": _settings(path) | {name: secret}}
    file.write_text(json.dumps(content) + "\n", encoding="utf-8")
    _print(f"{'Authtoken' if name == 'authtoken' else 'API key'} saved to configuration file: {path}")
    return 0
