"""An instance is one named running environment: where its files are, and the folder that they stand in.

.devkit/             beside devkit.yaml, or in the current folder; never in git
  <name>.lock        held while one devkit process changes the instance
  <name>/            only for its owner (0700)
    state.json       what devkit decided: ports, url, process (core/state.py)
    agent.json       what the agent says about itself once it listens (core/agent_files.py)
    agent.log        the agent's log, rotated
    agent.out        what the interpreter itself said while the agent started
    outside.json     what the agent says about tunnel, gateway and webhook (core/outside.py)
    secrets.json     keys and tokens of the instance (core/secrets_file.py)
    stripe.json      what the stand-in of Stripe knows, with --offline
    data/            the data of the embedded server
    deliveries.ndjson  the webhooks that devkit receive got, a line of JSON each
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from devkit.core.errors import DevkitError, UsageError

SETTINGS_FILE = "devkit.yaml"
STATE_FOLDER = ".devkit"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Instance:
    """Where one instance keeps its files. `root` is the folder that holds `.devkit`; nothing need exist yet."""

    root: Path
    name: str = "default"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} is no name for an instance",
                hint="use up to 40 lower-case letters, digits, - and _, beginning with a letter or digit",
            )

    @classmethod
    def of_folder(cls, folder: Path) -> "Instance":
        """The instance whose state folder this is."""
        return cls(root=folder.parent.parent, name=folder.name)

    @property
    def folder(self) -> Path:
        return self.root / STATE_FOLDER / self.name

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    @property
    def agent_file(self) -> Path:
        return self.folder / "agent.json"

    @property
    def log_file(self) -> Path:
        return self.folder / "agent.log"

    @property
    def output_file(self) -> Path:
        return self.folder / "agent.out"

    @property
    def deliveries_file(self) -> Path:
        return self.folder / "deliveries.ndjson"

    @property
    def data_folder(self) -> Path:
        return self.folder / "data"

    @property
    def lock_file(self) -> Path:
        return self.root / STATE_FOLDER / f"{self.name}.lock"


def project_root(start: Path) -> Path:
    """The nearest folder upwards that has a devkit.yaml, else `start` itself."""
    folder = start.resolve()
    return next((each for each in (folder, *folder.parents) if (each / SETTINGS_FILE).is_file()), folder)


def instances_in(root: Path) -> list[Instance]:
    """All instances that have a state folder below `root`, by name."""
    try:
        folders = sorted(path for path in (root / STATE_FOLDER).iterdir() if path.is_dir())
    except OSError:
        return []
    return [Instance(root, path.name) for path in folders if _NAME.fullmatch(path.name)]


def prepare_folder(instance: Instance) -> None:
    """Makes the state folder where it is missing, closed to others and to git. Raises DevkitError where it cannot."""
    try:
        for folder in (instance.folder.parent, instance.folder):
            if folder.is_symlink():
                raise DevkitError(f"{folder} is a symbolic link", hint="remove it; devkit makes a folder there")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_another_owner(folder)
            folder.chmod(0o700)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
    except OSError as error:
        raise cannot_write(instance.folder, error) from error


def cannot_write(path: Path, error: OSError) -> DevkitError:
    """The refusal of the file system in words."""
    reason = (error.strerror or type(error).__name__).lower()
    return DevkitError(
        f"cannot write {path}: {reason}",
        hint="free some space, or run devkit in a folder that you can write to (devkit doctor checks it)",
    )


def _refuse_another_owner(folder: Path) -> None:
    if sys.platform == "win32":
        return
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise DevkitError(
            f"{folder} belongs to {_user(owner)}, and you are {_user(os.geteuid())}",
            hint=f"run devkit as {_user(owner)}, or in a folder of your own",
        )


def _user(uid: int) -> str:
    if sys.platform == "win32":
        return f"user {uid}"
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
