"""The steps of `up` that bring the server up: preflight, start, wait until healthy."""

import shutil
import time
from dataclasses import replace

import msgspec

from devkit.adapters.backends import choose
from devkit.adapters.backends.embedded import url_of
from devkit.core.agent_files import PORT_TAKEN
from devkit.core.errors import DevkitError, UnreachableError
from devkit.core.instance import prepare_folder
from devkit.core.ports import Plan, plan_ports
from devkit.core.state import State, new_token, timestamp
from devkit.usecases.recall import recall
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session

HEALTHY_WITHIN = 30.0  # seconds
LEAST_DISK = 50 * 1024 * 1024  # bytes
_POLL = 0.02
_PORT_ATTEMPTS = 3
_EVIDENCE = 12  # log lines


def preflight(session: Session, tell: Tell) -> Outcome[Session]:
    """Looks whether the instance can run here, and on which ports."""
    instance = session.instance
    prepare_folder(instance)
    free = shutil.disk_usage(instance.folder).free
    if free < LEAST_DISK:
        raise DevkitError(
            f"only {free // 1024 // 1024} MB are free where {instance.folder} stands",
            hint="free some space; an instance needs at least 50 MB",
        )
    _read_packs(session.settings.seed)
    choice, recalled = choose(session.settings.backend), recall(instance)
    session = replace(session, backend=choice.backend, state=recalled.state, notes=(*session.notes, *recalled.notes))
    for note in recalled.notes:
        tell(note)
    why = f" ({choice.reason})" if choice.reason else ""
    if session.running:
        return Outcome(_told_of_other_port(session), f"{choice.backend.name} backend{why}")
    session = _on_free_ports(session, tell)
    return Outcome(session, f"{choice.backend.name} backend{why}, port {session.known.ports['openmeter']}")


def _read_packs(packs: tuple[str, ...]) -> None:
    """A pack that cannot be read is told before anything starts. Raises UsageError and InputError."""
    if packs:
        from devkit.usecases.packs import load_pack

        for pack in packs:
            load_pack(pack)


def start_services(session: Session, tell: Tell) -> Outcome[Session]:
    """Starts the agent unless it runs."""
    state = session.known
    if session.running and state.process:
        return Outcome(session, f"the agent runs already (pid {state.process.pid})")
    if state.process:
        note = f"the agent (pid {state.process.pid}) had ended without being stopped"
        tell(note)
        session = session.noting(note)
    session = _started(session)
    # The agent takes its time to start, and on another core: the proof of ingest needs these in a moment.
    import devkit.adapters.openmeter  # noqa: F401 - only loaded
    from devkit.core.contract import contract

    contract()
    pid = session.known.process.pid if session.known.process else 0
    return Outcome(session, f"agent started (pid {pid})", changed=True)


def wait_until_healthy(session: Session, tell: Tell) -> Outcome[Session]:
    """Waits until this instance's own server answers. A port lost in a race moves the block."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    session = _answering(session, tell, deadline, _PORT_ATTEMPTS)
    return Outcome(session, f"{session.known.url} answers")


def _answering(session: Session, tell: Tell, deadline: float, attempts: int) -> Session:
    try:
        while not session.backend.answers(session.known):
            ended = session.launch.ended_with() if session.launch else None
            if ended == PORT_TAKEN and attempts:
                return _answering(_started(_on_free_ports(session, tell)), tell, deadline, attempts - 1)
            if ended is not None or not session.running:
                raise _ended(session, ended)
            if time.monotonic() > deadline:
                raise _silent(session)
            time.sleep(_POLL)
    finally:
        if session.launch:
            session.launch.release()
    return session


def _on_free_ports(session: Session, tell: Tell) -> Session:
    """Plans the ports: those of last time where they are free, else the next free block."""
    state, wanted = session.state, session.settings.port
    remembered = state.ports["openmeter"] if state and state.wanted in (0, wanted) else None
    plan = plan_ports(remembered or wanted)
    if note := _moved(plan):
        tell(note)
        session = session.noting(note)
    url = url_of(plan.ports["openmeter"])
    if state is None:
        fresh = State(backend=session.backend.name, token=new_token(), ports=plan.ports, wanted=wanted, url=url)
        return session.remember(fresh)
    return session.remember(msgspec.structs.replace(state, ports=plan.ports, wanted=wanted, url=url))


def _told_of_other_port(session: Session) -> Session:
    state, wanted = session.known, session.settings.port
    if session.settings.values["port"].origin == "default" or wanted in (state.wanted, state.ports["openmeter"]):
        return session
    return session.noting(f"it runs on port {state.ports['openmeter']}; devkit stop it first to have it on {wanted}")


def _moved(plan: Plan) -> str | None:
    if plan.moved_for is None:
        return None
    return (
        f"port {plan.moved_for.port} is taken by {plan.moved_for.owner};"
        f" this instance uses {plan.ports['openmeter']} from now on"
    )


def _started(session: Session) -> Session:
    launch = session.backend.start(session.instance, session.known)
    session = replace(session, launch=launch)
    return session.remember(
        msgspec.structs.replace(session.known, process=launch.process, started_at=timestamp(), proven_at=None)
    )


def _ended(session: Session, code: int | None) -> DevkitError:
    how = f" with exit code {code}" if code is not None else ""
    return DevkitError(
        f"the agent ended{how} while it started",
        evidence=session.backend.log_lines(session.instance, _EVIDENCE),
        hint="devkit doctor looks for the cause; devkit logs shows all of the log",
    )


def _silent(session: Session) -> DevkitError:
    return UnreachableError(
        f"the agent runs, but {session.known.url} gave no answer within {HEALTHY_WITHIN:g} s",
        evidence=session.backend.log_lines(session.instance, _EVIDENCE),
        hint="devkit stop, then devkit up starts it anew",
    )
