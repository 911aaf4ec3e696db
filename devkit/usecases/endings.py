"""`stop`, `down` and `destroy`: each does what the one before does, and one thing more."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from devkit.adapters.backends import with_data
from devkit.adapters.backends.agent_process import end_agent
from devkit.adapters.backends.base import Backend
from devkit.core.errors import DevkitError
from devkit.core.instance import cannot_write, prepare_folder
from devkit.core.lock import locked
from devkit.core.outside import outside_file
from devkit.core.progress import Listener
from devkit.usecases.recall import with_memory
from devkit.usecases.runner import Outcome, Run, Step, Tell, run
from devkit.usecases.session import Session
from devkit.usecases.stripe_removal import at_stripe, remove_from_stripe, without_stripe_objects


def stop_services(session: Session, tell: Tell) -> Outcome[Session]:
    """Ends what runs. The data and what is known of the instance stay."""
    known = len(session.notes)
    session = with_memory(session)
    for note in session.notes[known:]:
        tell(note)
    ended = session.backend.stop(session.instance, session.state, tell)
    # On compose it is a process beside the containers; the embedded backend has ended its own by now.
    agent = end_agent(session.instance, None)
    if session.state and session.backend.offsets and (session.state.process or session.state.started_at):
        session = _remember_stopped(session, tell)
    detail = f"{ended.detail}; {agent.detail}" if agent.changed else ended.detail
    return Outcome(session, detail, changed=ended.changed or agent.changed)


def _remember_stopped(session: Session, tell: Tell) -> Session:
    """On a full disk the old state stays, with a process that is gone; that must not keep anybody from `destroy`."""
    stopped = msgspec.structs.replace(session.known, process=None, started_at=None, proven_at=None)
    try:
        return session.remember(stopped)
    except DevkitError as error:
        tell(error.message)
        return replace(session.noting(error.message), state=stopped)


def forget(session: Session, tell: Tell) -> Outcome[Session]:
    """Removes what is known of the instance: ports, proofs, applied seeds. The data stays."""
    session.backend.down(session.instance, tell)
    instance = session.instance
    files = (instance.state_file, instance.agent_file, instance.output_file, outside_file(instance))
    there = [path for path in files if path.exists()]
    try:
        for path in there:
            path.unlink()
    except OSError as error:
        raise cannot_write(session.instance.folder, error) from error
    detail = "ports and proofs forgotten, data kept" if there else "nothing was remembered"
    return Outcome(replace(session, state=None), detail, changed=bool(there))


def remove_everything(session: Session, tell: Tell) -> Outcome[Session]:
    """Removes the data, wherever it is, and the state folder."""
    folder = session.instance.folder
    if not folder.is_dir():
        return Outcome(session, "there was nothing")
    for backend in _owners(session):
        backend.destroy(session.instance, tell)
    try:
        shutil.rmtree(folder)
        session.instance.lock_file.unlink(missing_ok=True)
        _remove_if_empty(folder.parent)
    except OSError as error:
        raise DevkitError(f"cannot remove {folder}: {(error.strerror or '').lower()}") from error
    return Outcome(session, f"{folder} removed", changed=True)


def _owners(session: Session) -> list[Backend]:
    """The backends that may have something of the instance: its own, and one that it had before a `down`."""
    others = [each for each in with_data(session.instance) if each.name != session.backend.name]
    return [session.backend, *others]


STOP = (Step("stop services", stop_services),)
DOWN = (*STOP, Step("forget state", forget))
DESTROY = (
    *STOP,  # first: a running agent would repair what is removed
    Step("remove from Stripe", remove_from_stripe, skip_when=without_stripe_objects),
    Step("forget state", forget),
    Step("remove data", remove_everything),
)
ENDINGS = {"stop": STOP, "down": DOWN, "destroy": DESTROY}


def finish(
    how: str, session: Session, listener: Listener, *, on_wait: Callable[[str], None] = lambda _: None
) -> Run[Session]:
    """Runs `stop`, `down` or `destroy`. An instance that was never there is fine: nothing changes, nothing is made."""
    if not session.instance.folder.is_dir():
        return run(how, (), session, listener)
    prepare_folder(session.instance)
    with locked(session.instance, on_wait=on_wait):
        return run(how, ENDINGS[how], session, listener)


@dataclass(frozen=True)
class Belongings:
    """What `destroy` would remove.

    bytes: the size of all files; resources: what stands in the Docker engine, and at Stripe
    """

    folder: Path
    bytes: int
    running: bool
    resources: tuple[str, ...] = ()


def belongings(session: Session) -> Belongings | None:
    """None where there is nothing to destroy."""
    folder = session.instance.folder
    if not folder.is_dir():
        return None
    session = with_memory(session)
    resources = [each for backend in _owners(session) for each in backend.belongings(session.instance)]
    running = session.running and bool(session.backend.offsets)
    return Belongings(folder, size_of(folder), running, (*resources, *at_stripe(session)))


def size_of(folder: Path) -> int:
    """Bytes of all files below; those that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total


def _remove_if_empty(folder: Path) -> None:
    """The folder of all instances, once the last is gone."""
    if {path.name for path in folder.iterdir()} <= {".gitignore"}:
        shutil.rmtree(folder)
