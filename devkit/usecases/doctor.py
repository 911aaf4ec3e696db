"""What a machine must have for devkit to work: each check says ok, warn or fail, and the way out."""

import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devkit.adapters.backends import backend_named
from devkit.core.errors import DevkitError
from devkit.core.instance import STATE_FOLDER, Instance, instances_in
from devkit.core.ports import is_free, owner_of
from devkit.core.state import BrokenStateError, read_state
from devkit.usecases.doctor_outside import outside_of, prospects
from devkit.usecases.services import LEAST_DISK
from devkit.usecases.session import Session

OK, WARN, FAIL = "ok", "warn", "fail"
_LEVELS: Mapping[str, str] = {"ok": OK, "warning": WARN, "failure": FAIL}
_COMFORTABLE_DISK = 1024 * 1024 * 1024  # bytes
_PACKAGES = ("typer", "rich", "httpx", "msgspec", "starlette", "uvicorn", "duckdb", "psutil", "PyYAML")


@dataclass(frozen=True)
class Finding:
    """What one check found. level: ok, warn (devkit works, something is missing) or fail."""

    check: str
    level: str
    detail: str
    hint: str | None = None


def examine(session: Session) -> list[Finding]:
    """All checks, in the order in which a person would look."""
    findings = [Finding(name, *check(session)) for name, check in _CHECKS.items()]
    instances = instances_in(session.instance.root)
    outside = [each for instance in instances for each in outside_of(instance)]
    found = [*prospects(session), *outside]
    told = [Finding(each.check, _LEVELS[each.level], each.detail, each.hint or None) for each in found]
    return [*findings, *_engine(session), *(_instance(instance) for instance in instances), *told]


Found = tuple[str, str, str | None]


def _python(_session: Session) -> Found:
    found = platform.python_version()
    if sys.version_info >= (3, 15):
        return WARN, f"{found} is newer than what devkit was tested with", "use Python 3.11 to 3.14"
    return OK, f"{found} ({sys.executable})", None


def _packages(_session: Session) -> Found:
    versions = {name: _version(name) for name in _PACKAGES}
    missing = [name for name, found in versions.items() if found is None]
    if missing:
        return (
            FAIL,
            f"missing: {', '.join(missing)}",
            "install devkit again: pip install --force-reinstall openmeter-devkit",
        )
    return OK, ", ".join(f"{name} {found}" for name, found in versions.items()), None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _folder(session: Session) -> Found:
    root = session.instance.root
    state = root / STATE_FOLDER
    place = state if state.is_dir() else root
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".devkit-doctor-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        reason = (error.strerror or "").lower()
        return FAIL, f"cannot write in {place}: {reason}", "run devkit in a folder that you can write to"
    return OK, f"{place} can be written", None


def _disk(session: Session) -> Found:
    free = shutil.disk_usage(session.instance.root).free
    text = f"{free / 1024**3:.1f} GB free"
    if free < LEAST_DISK:
        return FAIL, text, "free some space"
    return (OK, text, None) if free >= _COMFORTABLE_DISK else (WARN, text, "events need about 0.3 GB a million")


def _port(session: Session) -> Found:
    port = session.settings.port
    if is_free(port):
        return OK, f"{port} is free", None
    if _is_ours(session, port):
        return OK, f"{port} is used by an instance of this project", None
    return WARN, f"{port} is taken by {owner_of(port)}", "devkit up takes the next free block of ports"


def _loopback(_session: Session) -> Found:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 2):
            return OK, "127.0.0.1 takes connections", None
    except OSError as error:
        return FAIL, f"no connection over 127.0.0.1: {error.strerror}", "look at the firewall of this machine"


def _zones(_session: Session) -> Found:
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return FAIL, "no time zone data", "pip install tzdata"
    return OK, "time zones are known", None


def _engine(session: Session) -> list[Finding]:
    """What the compose backend needs. Its lack is a failure only where that backend was asked for."""
    asked = session.settings.backend == "compose"
    lack, without = (FAIL, "") if asked else (OK, "; not needed: the embedded backend does without")
    try:
        found = backend_named("compose", session.settings.images_from).preflight(session.instance)
    except DevkitError as error:
        return [Finding("Docker", lack, f"{error.message}{without}", error.hint if asked else None)]
    levels = {**_LEVELS, "failure": FAIL if asked else WARN}
    names = {"engine": "Docker"}
    return [
        Finding(names.get(each.check, f"Docker {each.check}"), levels[each.level], each.detail, each.hint or None)
        for each in found
    ]


def _instance(instance: Instance) -> Finding:
    name = f"instance {instance.name}"
    try:
        state = read_state(instance)
    except BrokenStateError as error:
        return Finding(name, WARN, error.message, "devkit status sets the file aside and looks at what runs")
    except DevkitError as error:
        return Finding(name, FAIL, error.message, error.hint)
    if state is None or not (state.process or state.started_at):
        return Finding(name, OK, "stopped")
    backend = backend_named(state.backend)
    what = f"its agent (pid {state.process.pid})" if state.process else "its server"
    if not backend.is_running(instance, state):
        again = f"devkit up --name {instance.name} starts it anew"
        return Finding(name, WARN, f"{what} ended without being stopped", again)
    if not backend.answers(instance, state):
        again = f"devkit stop --name {instance.name}, then devkit up starts it anew"
        return Finding(name, FAIL, f"{what} gives no answer at {state.url}", again)
    return Finding(name, OK, f"answers at {state.url}" + (f" (pid {state.process.pid})" if state.process else ""))


def _is_ours(session: Session, port: int) -> bool:
    """Whether an instance of this project runs on the port."""
    for instance in instances_in(session.instance.root):
        try:
            state = read_state(instance)
        except DevkitError:
            continue
        if state and port in state.ports.values() and backend_named(state.backend).is_running(instance, state):
            return True
    return False


_CHECKS: Mapping[str, Callable[[Session], Found]] = {
    "Python": _python,
    "packages": _packages,
    "folder": _folder,
    "disk": _disk,
    "port": _port,
    "loopback": _loopback,
    "time zones": _zones,
}
