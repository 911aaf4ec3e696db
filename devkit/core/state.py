"""What devkit remembers of an instance between two commands: state.json in its folder."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from devkit.core.atomic import write_atomically
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, cannot_write
from devkit.core.outside import Wish
from devkit.core.processes import Process
from devkit.core.redaction import hide

SCHEMA = 1


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instance. Times are RFC 3339 in UTC.

    token:     by which the instance's own server is told from any other on the same port
    ports:     port numbers by purpose; they stay when the instance stops
    wanted:    the first port that was asked for when they were planned; 0 where that is not known
    process:   the agent, None where it was stopped and where no single process is the instance
    proven_at: when the running server was seen to count an event; None after each start
    seeds:     the seed packs that were applied
    streams:   fingerprints of the packs whose streams were sent, by pack
    api_token: what the server wants to see from its clients; a secret
    images_from: the file with images that was named, of the compose backend
    wish:      how the instance is to be reached from outside
    identity:  who it is for strangers: its gateway's name, and the owner of what it makes at Stripe; empty before that
    public_url: where it was reached last
    """

    schema: int = SCHEMA
    backend: str
    token: str
    ports: dict[str, int]
    wanted: int = 0
    url: str
    process: Process | None = None
    started_at: str | None = None
    proven_at: str | None = None
    seeds: tuple[str, ...] = ()
    streams: dict[str, str] = {}
    api_token: str = ""
    images_from: str = ""
    wish: Wish = Wish()
    identity: str = ""
    public_url: str = ""

    def __repr__(self) -> str:
        return f"State({self.backend}, {self.url})"


class BrokenStateError(DevkitError):
    """state.json is there and cannot be understood."""


def timestamp() -> str:
    """The present, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def new_token() -> str:
    """What tells this instance from every other. It is no secret."""
    return secrets.token_hex(16)


def read_state(instance: Instance) -> State | None:
    """What was remembered, None where nothing was. Raises BrokenStateError, or DevkitError where it is not readable."""
    path = instance.state_file
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DevkitError(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    try:
        _refuse_newer(path, content)
        state = msgspec.json.decode(content, type=State)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenStateError(f"{path} is damaged: {error}") from error
    hide(state.api_token)
    return state


def write_state(instance: Instance, state: State) -> None:
    """Remembers it, whole or not at all. Raises DevkitError where the folder is full or read-only."""
    try:
        write_atomically(instance.state_file, msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n")
    except OSError as error:
        raise cannot_write(instance.state_file, error) from error


def set_aside(instance: Instance) -> Path:
    """Moves a damaged state file out of the way and returns its new place. An older one there is replaced."""
    aside = instance.state_file.with_suffix(".damaged.json")
    try:
        instance.state_file.replace(aside)
    except OSError as error:
        raise cannot_write(aside, error) from error
    return aside


def _refuse_newer(path: Path, content: bytes) -> None:
    decoded = msgspec.json.decode(content)
    schema = decoded.get("schema") if isinstance(decoded, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise DevkitError(
            f"{path} was written by a newer devkit (schema {schema}, this one knows {SCHEMA})",
            hint="use that devkit, or devkit destroy the instance and start anew",
        )
