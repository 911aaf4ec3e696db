"""Where the ngrok agent is. pyngrok would download one that is missing; devkit says so instead."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyngrok import conf

from devkit.core.errors import MissingToolError

PATH_VARIABLES = ("DEVKIT_NGROK_PATH", "PYNGROK_NGROK_PATH")

_PROGRAM = "ngrok.exe" if os.name == "nt" else "ngrok"
_LARGEST_SHIM = 1 << 20  # bytes; the agent has twenty times as many
_SHIM = b"pyngrok.ngrok"
_HINT = "install it from https://ngrok.com/download, or set DEVKIT_NGROK_PATH to it, or go on without a tunnel"


def find_binary(environment: Mapping[str, str], *, fallback: str | None = None) -> Path:
    """The agent that a variable names, else the first one on PATH, else the one that pyngrok fetched once.

    Raises MissingToolError.
    """
    for variable in PATH_VARIABLES:
        if environment.get(variable):
            return _named(Path(environment[variable]), variable)
    candidates = [*_on(environment.get("PATH", "")), Path(fallback or conf.DEFAULT_NGROK_PATH)]
    found = next((path for path in candidates if _runs(path) and not is_shim(path)), None)
    if found:
        return found
    shims = [path for path in candidates if _runs(path)]
    beside = f"; {shims[0]} is only pyngrok's script, which would download it" if shims else ""
    raise MissingToolError(f"the ngrok agent is not installed{beside}", hint=_HINT)


def is_shim(path: Path) -> bool:
    """Whether it is the console script that pyngrok brings."""
    try:
        return path.stat().st_size < _LARGEST_SHIM and _SHIM in path.read_bytes()
    except OSError:
        return False


def _named(path: Path, variable: str) -> Path:
    if not _runs(path):
        raise MissingToolError(f"{variable} names {path}, which is no program", hint=_HINT)
    if is_shim(path):
        raise MissingToolError(f"{variable} names {path}, which is pyngrok's script and not the agent", hint=_HINT)
    return path.absolute()


def _on(path: str) -> Iterator[Path]:
    return (Path(folder).absolute() / _PROGRAM for folder in path.split(os.pathsep) if folder)


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
