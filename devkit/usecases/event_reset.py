"""`devkit destroy --data events`: forgets all events of an instance, and that they were ever seen."""

from collections.abc import Callable

import msgspec

from devkit.core.errors import DevkitError
from devkit.core.lock import locked
from devkit.core.progress import Listener
from devkit.usecases.recall import with_memory
from devkit.usecases.runner import Outcome, Run, Step, Tell, run
from devkit.usecases.services import start_services, wait_until_healthy
from devkit.usecases.session import Session


def forget_events(session: Session, tell: Tell) -> Outcome[Session]:
    """The events go; meters, customers and all else stays. What ran before runs again afterwards."""
    session = with_memory(session)
    if session.state is None:
        raise _nothing_there(session)
    alone = session.backend.name == "embedded"  # one process, which has the files open
    ran = session.running
    if alone:
        session.backend.stop(session.instance, session.state, tell)
    session.backend.reset_events(session.instance, tell)
    # The streams of the packs went too: the next `up` sends them again.
    session = session.remember(msgspec.structs.replace(session.known, streams={}))
    if alone and ran:
        session = start_services(session, tell).session
    if ran:
        session = wait_until_healthy(session, tell).session
    return Outcome(session, "all events forgotten; all else is kept", changed=True)


RESET = (Step("forget events", forget_events),)


def reset(session: Session, listener: Listener, *, on_wait: Callable[[str], None] = lambda _: None) -> Run[Session]:
    """Runs the step, alone on this instance. Raises DevkitError where there is no such instance."""
    if not session.instance.folder.is_dir():
        raise _nothing_there(session)
    with locked(session.instance, on_wait=on_wait):
        return run("destroy", RESET, session, listener)


def _nothing_there(session: Session) -> DevkitError:
    return DevkitError(f"there is no instance {session.instance.name}", hint="devkit list shows those that are there")
