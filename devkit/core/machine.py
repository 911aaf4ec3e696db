"""What devkit knows of this machine beyond one project: who it is, and where its instances are.

An instance that makes objects at Stripe is written down here, so that what a dead one left there can be told from what
a living one needs. The folder is the user's state folder (XDG_STATE_HOME, or as the system has it).
"""

import os
import secrets
import sys
from pathlib import Path

from devkit.core.atomic import write_atomically
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, cannot_write
from devkit.core.state import BrokenStateError, read_state

_MACHINE = "machine"


def state_folder(home: Path | None = None) -> Path:
    """Where this user's programs keep what they remember."""
    home = home or Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "devkit"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "devkit"
    return Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "devkit"


def machine_id() -> str:
    """Drawn once for each user of a machine. Raises DevkitError where it cannot be kept."""
    file = state_folder() / _MACHINE
    try:
        known = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        known = ""
    except (OSError, UnicodeDecodeError) as error:
        raise DevkitError(f"cannot read {file}: {error}") from error
    if known:
        return known
    drawn = secrets.token_hex(8)
    _write(file, drawn)
    return drawn


def register(identity: str, instance: Instance) -> None:
    """Writes down where the instance of this identity is. Raises DevkitError."""
    file = _entry(identity)
    folder = str(instance.folder.resolve())
    try:
        if file.read_text(encoding="utf-8") == folder:
            return
    except (OSError, UnicodeDecodeError):
        pass
    _write(file, folder)


def unregister(identity: str) -> None:
    """Nothing happens where it is not written down."""
    _entry(identity).unlink(missing_ok=True)


def is_alive(identity: str) -> bool:
    """Whether the instance of this identity is still there, running or not. One that cannot be looked at counts."""
    try:
        folder = Path(_entry(identity).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return True
    try:
        state = read_state(Instance.of_folder(folder))
    except BrokenStateError:
        return True
    except DevkitError:
        return folder.exists()
    return state is not None and state.identity == identity


def _entry(identity: str) -> Path:
    if not identity.isalnum():
        raise DevkitError(f"{identity!r} is no identity of an instance")
    return state_folder() / "instances" / identity


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, text.encode())
    except OSError as error:
        raise cannot_write(file, error) from error
