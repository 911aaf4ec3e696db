"""`devkit up --plan`: what `up` would do now, step by step. It only looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from devkit.adapters.backends import choose
from devkit.core.ports import plan_ports
from devkit.core.state import BrokenStateError, read_state
from devkit.usecases.session import Session
from devkit.usecases.up import UP


@dataclass(frozen=True)
class Intention:
    """One step: whether it would be left out, and what it would do or why it would not be done."""

    step: str
    skipped: bool
    text: str


def plan_up(session: Session) -> list[Intention]:
    """The steps in their order. Raises DevkitError where `up` would refuse to begin."""
    try:
        session = replace(session, state=read_state(session.instance))
    except BrokenStateError as error:
        session = session.noting(f"{error.message}; it would be set aside")
    return [_intention(step.name, step.skip_when(session), session) for step in UP]


def _intention(step: str, reason: str | None, session: Session) -> Intention:
    return Intention(step, reason is not None, reason or _TEXTS[step](session))


def _preflight(session: Session) -> str:
    choice = choose(session.settings.backend)
    if session.running:
        return f"use the {choice.backend.name} backend; it runs on port {session.known.ports['openmeter']}"
    state, wanted = session.state, session.settings.port
    ports = plan_ports(state.ports["openmeter"] if state and state.wanted in (0, wanted) else wanted)
    taken = f" ({ports.moved_for.port} is taken by {ports.moved_for.owner})" if ports.moved_for else ""
    why = f" ({choice.reason})" if choice.reason else ""
    return f"use the {choice.backend.name} backend{why} on port {ports.ports['openmeter']}{taken}"


def _start(session: Session) -> str:
    process = session.state.process if session.state else None
    return f"nothing: the agent runs (pid {process.pid})" if process and session.running else "start the agent"


def _healthy(session: Session) -> str:
    url = session.state.url if session.state else "its URL"
    return f"ask {url} who answers" if session.running else "wait until the agent answers"


def _prove(session: Session) -> str:
    proven = session.state.proven_at if session.state and session.running else None
    return f"nothing: proven at {proven}" if proven else "send one event to a meter of its own and read its count"


def _seed(session: Session) -> str:
    return f"apply {', '.join(session.settings.seed)} (devkit seed plan shows the difference)"


def _streams(_session: Session) -> str:
    return "send the packs' streams that this instance has not had, and compare the totals"


def _smoke(_session: Session) -> str:
    return "run all smoke checks"


_TEXTS: Mapping[str, Callable[[Session], str]] = {
    "preflight": _preflight,
    "start services": _start,
    "wait until healthy": _healthy,
    "prove ingest": _prove,
    "seed": _seed,
    "send streams": _streams,
    "smoke": _smoke,
}
