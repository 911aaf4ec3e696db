"""`devkit up --plan`: what `up` would do now, step by step. It only looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from devkit.adapters.backends.base import Change
from devkit.adapters.backends.choice import Choice, choose
from devkit.core.ports import Plan
from devkit.core.state import BrokenStateError, read_state
from devkit.usecases.outside import as_planned, planned_agent, with_wish
from devkit.usecases.placing import planned_ports, state_at
from devkit.usecases.services import described
from devkit.usecases.session import Session
from devkit.usecases.up import UP


@dataclass(frozen=True)
class Intention:
    """One step: whether it would be left out, and what it would do or why it would not be done.

    changes: what would be done to which service, and why
    """

    step: str
    skipped: bool
    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class _Look:
    """What was found.

    ports:   those that a start would take, None where it runs or runs elsewhere
    changes: to what the backend runs; agent: to the agent beside it
    """

    session: Session
    choice: Choice
    running: bool
    ports: Plan | None
    changes: tuple[Change, ...]
    agent: Change | None = None

    @property
    def all_changes(self) -> tuple[Change, ...]:
        return (self.agent, *self.changes) if self.agent else self.changes


def plan_up(session: Session) -> list[Intention]:
    """The steps in their order. Raises DevkitError where `up` would refuse to begin."""
    try:
        session = replace(session, state=read_state(session.instance))
    except BrokenStateError as error:
        session = session.noting(f"{error.message}; it would be set aside")
    look = _look(session)
    return [_intention(step.name, step.skip_when(look.session), look) for step in UP]


def _look(session: Session) -> _Look:
    choice = choose(session.instance, session.state, session.settings)
    session = with_wish(replace(session, backend=choice.backend))
    same = session.state is not None and session.state.backend == choice.backend.name
    if not choice.backend.offsets:
        return _Look(session, choice, same, None, ())
    running = same and session.running
    ports = None if running else planned_ports(session)
    state = session.known if ports is None else state_at(session, ports.ports)
    reached, reached_at = as_planned(session)
    state = msgspec.structs.replace(state, wish=session.wish, public_url=reached_at)
    changes = tuple(reached.backend.plan(session.instance, state))
    agent = planned_agent(session) if reached.backend.name == "compose" else None
    return _Look(session, choice, running, ports, changes, agent)


def _intention(step: str, reason: str | None, look: _Look) -> Intention:
    changes = look.all_changes if step == "start services" else ()
    return Intention(step, reason is not None, reason or _TEXTS[step](look), changes)


def _preflight(look: _Look) -> str:
    session = look.session
    if not look.choice.backend.offsets:
        url = session.settings.url or (session.state.url if session.state else "")
        return f"use the {described(look.choice)} at {url or 'a URL, which --url has to name'}"
    if look.ports is None:
        return f"use the {described(look.choice)}; it runs on port {session.known.ports['openmeter']}"
    stands = look.ports.moved_for
    taken = f" ({stands.port} is taken by {stands.owner})" if stands else ""
    images = next((each.detail for each in look.choice.findings or () if each.check == "images"), "")
    more = f"; {images}" if images else ""
    return f"use the {described(look.choice)} on port {look.ports.ports['openmeter']}{taken}{more}"


def _start(look: _Look) -> str:
    if look.choice.backend.name == "remote":
        return "ask the server once; it is neither started nor stopped"
    if not look.all_changes:
        process = look.session.state.process if look.session.state else None
        return f"nothing: the agent runs (pid {process.pid})" if process else "nothing: all services are well"
    if look.choice.backend.name == "embedded":
        return f"{look.changes[0].action} the agent"
    services = f"change {len(look.changes)} services" if look.changes else ""
    agent = f"{look.agent.action} the agent" if look.agent else ""
    return ", ".join(filter(None, (agent, services)))


def _healthy(look: _Look) -> str:
    url = look.session.state.url if look.session.state else "its URL"
    return f"ask {url} who answers" if look.running else "wait until the server answers"


def _prove(look: _Look) -> str:
    state = look.session.state
    proven = state.proven_at if state and look.running and not look.changes else None
    return f"nothing: proven at {proven}" if proven else "send one event to a meter of its own and read its count"


def _tunnel(look: _Look) -> str:
    wish, known = look.session.wish, look.session.state
    at = f", last at {known.public_url}" if known and known.public_url else ""
    return f"open it: {wish}{at}"


def _stripe(_look: _Look) -> str:
    return "compare the Stripe app and its webhook endpoint with what they should be; an event must come back"


def _seed(look: _Look) -> str:
    return f"apply {', '.join(look.session.settings.seed)} (devkit seed plan shows the difference)"


def _streams(_look: _Look) -> str:
    return "send the packs' streams that this instance has not had, and compare the totals"


def _smoke(_look: _Look) -> str:
    return "run all smoke checks"


_TEXTS: Mapping[str, Callable[[_Look], str]] = {
    "preflight": _preflight,
    "start services": _start,
    "wait until healthy": _healthy,
    "prove ingest": _prove,
    "tunnel": _tunnel,
    "Stripe app and webhook": _stripe,
    "seed": _seed,
    "send streams": _streams,
    "smoke": _smoke,
}
