"""What every command on an instance begins with."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devkit.usecases.session import Session


def session_here(**flags: Any) -> "Session":
    """The session of a command given in the current folder; `flags` are settings by name, None where not given."""
    import os
    from pathlib import Path

    from devkit.core.errors import DevkitError
    from devkit.usecases.recall import open_session

    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise DevkitError("the current folder is gone", hint="cd into a folder that is there") from error
    return open_session(here, os.environ, flags)
