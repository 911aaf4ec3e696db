"""The steps of `up` that bring the server up: preflight, start, wait until healthy."""

import shutil
import time
from dataclasses import replace

import msgspec

from devkit.adapters.backends import backend_named
from devkit.adapters.backends.base import Started
from devkit.adapters.backends.choice import Choice, choose, kept_backend
from devkit.core.agent_files import PORT_TAKEN
from devkit.core.errors import DevkitError, UnreachableError
from devkit.core.instance import prepare_folder
from devkit.core.ports import PortTakenError
from devkit.core.state import timestamp
from devkit.usecases.outside import start_agent, with_wish, with_wish_remembered
from devkit.usecases.placing import as_wanted, placed
from devkit.usecases.recall import recall
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session

HEALTHY_WITHIN = 30.0  # seconds
LEAST_DISK = 50 * 1024 * 1024  # bytes
_POLL = 0.02
_PORT_ATTEMPTS = 3
_EVIDENCE = 12  # log lines


def preflight(session: Session, tell: Tell) -> Outcome[Session]:
    """Looks whether the instance can run here, on which backend, and on which ports."""
    instance = session.instance
    prepare_folder(instance)
    free = shutil.disk_usage(instance.folder).free
    if free < LEAST_DISK:
        raise DevkitError(
            f"only {free // 1024 // 1024} MB are free where {instance.folder} stands",
            hint="free some space; an instance needs at least 50 MB",
        )
    _read_packs(session.settings.seed)
    recalled = recall(instance)
    for note in recalled.notes:
        tell(note)
    choice = choose(instance, recalled.state, session.settings)
    session = replace(session, backend=choice.backend, state=recalled.state, notes=(*session.notes, *recalled.notes))
    session = with_wish(session)
    detail = described(choice)
    if session.running and session.known.backend == choice.backend.name:
        return Outcome(with_wish_remembered(as_wanted(session)), detail)
    session = _looked_at(session, choice, tell)
    session = with_wish_remembered(placed(session, tell))
    port = session.known.ports.get("openmeter")
    return Outcome(session, f"{detail}, port {port}" if port else f"{detail} at {session.known.url}")


def described(choice: Choice) -> str:
    return f"{choice.backend.name} backend" + (f" ({choice.reason})" if choice.reason else "")


def _looked_at(session: Session, choice: Choice, tell: Tell) -> Session:
    """Raises the first finding that speaks against a start; what is only worth knowing is told."""
    findings = choice.findings if choice.findings is not None else choice.backend.preflight(session.instance)
    for finding in findings:
        if finding.level == "failure":
            raise DevkitError(f"{finding.check}: {finding.detail}", hint=finding.hint or "devkit doctor looks further")
        if finding.level == "warning":
            session = session.noting(finding.detail)
        if finding.level == "warning" or finding.hint:
            tell(f"{finding.detail}{f' ({finding.hint})' if finding.hint else ''}")
    return session


def _read_packs(packs: tuple[str, ...]) -> None:
    """A pack that cannot be read is told before anything starts. Raises UsageError and InputError."""
    if packs:
        from devkit.usecases.packs import load_pack

        for pack in packs:
            load_pack(pack)


def start_services(session: Session, tell: Tell) -> Outcome[Session]:
    """Makes run what should run, and leaves alone what does."""
    session = _prepared(session, tell)
    before = session.known
    session, of_agent = (session, ()) if session.backend.name != "compose" else start_agent(session, tell)
    session, started = _started(session, tell, _PORT_ATTEMPTS)
    if before.process and any(change.action == "start" for change in started.changes):
        session = session.noting(f"the agent (pid {before.process.pid}) had ended without being stopped")
    # A server takes its time to start, and on another core: the proof of ingest needs these in a moment.
    import devkit.adapters.openmeter  # noqa: F401 - only loaded
    from devkit.core.contract import contract

    contract()
    changes = (*of_agent, *started.changes)
    session = session.reporting(changes=[msgspec.to_builtins(change) for change in changes])
    detail = "; ".join([*map(str, of_agent), started.detail])
    return Outcome(session, detail, changed=bool(changes))


def _prepared(session: Session, tell: Tell) -> Session:
    """Where `auto` chose for an instance that never ran, what cannot be had makes it choose again."""
    try:
        session.backend.prepare(session.instance, tell)
    except DevkitError as error:
        chosen = session.settings.backend == "auto" and kept_backend(session.instance, session.state) is None
        if not chosen:
            raise
        note = f"auto: {error.message}; this instance is on the embedded backend instead"
        tell(note)
        return placed(replace(session.noting(note), backend=backend_named("embedded")), tell)
    return session


def wait_until_healthy(session: Session, tell: Tell) -> Outcome[Session]:
    """Waits until this instance's own server answers. A port lost in a race moves the block."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    session = _answering(session, tell, deadline, _PORT_ATTEMPTS)
    return Outcome(session, f"{session.known.url} answers")


def _answering(session: Session, tell: Tell, deadline: float, attempts: int) -> Session:
    try:
        while not session.backend.answers(session.instance, session.known):
            ended = session.launch.ended_with() if session.launch else None
            if ended == PORT_TAKEN and attempts:
                moved, _ = _started(placed(session, tell), tell, attempts)
                return _answering(moved, tell, deadline, attempts - 1)
            if ended is not None or not session.running:
                raise _ended(session, ended)
            if time.monotonic() > deadline:
                raise _silent(session)
            time.sleep(_POLL)
    finally:
        if session.launch:
            session.launch.release()
    return session


def _started(session: Session, tell: Tell, attempts: int) -> tuple[Session, Started]:
    """A start; where a port is lost meanwhile, on the next block that is free."""
    try:
        started = session.backend.start(session.instance, session.known, tell)
    except PortTakenError as error:
        if not attempts:
            raise
        tell(error.message)
        return _started(placed(session, tell, lost=error), tell, attempts - 1)
    except BaseException:
        # Half of it may be new: what was proven before is not proven of that.
        if session.known.proven_at:
            session.remember(msgspec.structs.replace(session.known, proven_at=None))
        raise
    if started.changes:
        process = started.launch.process if started.launch else None
        session = session.remember(
            msgspec.structs.replace(session.known, process=process, started_at=timestamp(), proven_at=None)
        )
    return replace(session, launch=started.launch), started


def _ended(session: Session, code: int | None) -> DevkitError:
    how = f" with exit code {code}" if code is not None else ""
    return DevkitError(
        f"the server ended{how} while it started",
        evidence=session.backend.log_lines(session.instance, _EVIDENCE),
        hint="devkit doctor looks for the cause; devkit logs shows all of the log",
    )


def _silent(session: Session) -> DevkitError:
    return UnreachableError(
        f"the server runs, but {session.known.url} gave no answer within {HEALTHY_WITHIN:g} s",
        evidence=session.backend.log_lines(session.instance, _EVIDENCE),
        hint="devkit stop, then devkit up starts it anew",
    )
