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
from devkit.core.secrets_file import read_secrets

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
    """Whether the instance of this identity is still there, running or not. Raises DevkitError."""
    return _home_of(identity) is not None


def lives_elsewhere(identity: str, instance: Instance) -> bool:
    """Whether another folder has this identity, so that this one is a copy of it."""
    home = _home_of(identity)
    return home is not None and home != instance.folder.resolve()


def _home_of(identity: str) -> Path | None:
    try:
        folder = Path(_entry(identity).read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise DevkitError(f"cannot read {_entry(identity)}: {error.strerror or error}") from error
    there = read_secrets(Instance.of_folder(folder)).identity
    return folder if there == identity else None


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
