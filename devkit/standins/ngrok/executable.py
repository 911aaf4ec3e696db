"""The stand-in as a file that programs run in the agent's place."""

import shlex
import sys
from pathlib import Path

import devkit

_RUN = """\
import sys
sys.path.insert(0, {root!r})
from devkit.standins.ngrok.program import main
sys.exit(main(sys.argv[1:]))
"""


def write_executable(path: Path) -> Path:
    """A script for POSIX systems that runs this very devkit, with this Python. Raises OSError."""
    root = str(Path(devkit.__file__).parents[1])
    command = shlex.join([sys.executable, "-I", "-c", _RUN.format(root=root)])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path
