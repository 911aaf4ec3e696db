"""The file that a bug in devkit leaves behind."""

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from devkit import __version__
from devkit.core.instance import STATE_FOLDER, project_root
from devkit.core.redaction import redacted


def write_report(error: Exception, command: str, arguments: Sequence[str]) -> Path | None:
    """Writes what a maintainer asks for, in the state folder where there is one, and returns the file's path.

    No values of variables and no arguments are in it: they may be secrets. None where nothing can be written.
    """
    moment = datetime.now(UTC)
    words = " ".join(word.split("=")[0] for word in arguments if word.startswith("-")) or "none"
    text = "\n".join(
        [
            f"devkit {__version__}, Python {platform.python_version()}, {platform.platform()}, {moment.isoformat()}",
            f"command: {command}, flags: {words}",
            "",
            redacted("".join(traceback.format_exception(error))),
        ]
    )
    for folder in (_state_folder(), Path(tempfile.gettempdir())):
        path = folder / f"devkit-bug-{moment:%Y%m%d-%H%M%S-%f}-{os.getpid()}.log"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return None


def _state_folder() -> Path:
    try:
        return project_root(Path.cwd()) / STATE_FOLDER
    except OSError:  # the current folder is gone
        return Path(tempfile.gettempdir())
