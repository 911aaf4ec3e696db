"""Where an instance is: its ports on this machine, or the URL of a server elsewhere, written down before it starts."""

import msgspec

from devkit.adapters.backends.embedded import url_of
from devkit.core.errors import UsageError
from devkit.core.ports import BLOCK, Plan, PortTakenError, Taken, plan_ports
from devkit.core.state import State, new_token
from devkit.usecases.runner import Tell
from devkit.usecases.session import Session


def placed(session: Session, tell: Tell, *, lost: PortTakenError | None = None) -> Session:
    """Writes down where the instance will be: the ports of last time where they are free, else the next free block.

    lost: why the present block cannot be had, though its ports looked free
    """
    if not session.backend.offsets:
        return session.remember(_elsewhere(session))
    plan = planned_ports(session, lost=lost)
    if note := _moved(plan):
        tell(note)
        session = session.noting(note)
    return session.remember(state_at(session, plan.ports))


def planned_ports(session: Session, *, lost: PortTakenError | None = None) -> Plan:
    backend, state, wanted = session.backend, session.state, session.settings.port
    remembered = state.ports.get("openmeter") if state and state.wanted in (0, wanted) else None
    held = backend.held_ports(session.instance)
    plan = plan_ports(remembered or wanted, backend.offsets, held=held)
    if lost and state and plan.ports == state.ports:
        first = plan.ports["openmeter"]
        moved = plan_ports(first + BLOCK, backend.offsets, held=held)
        return Plan(moved.ports, Taken(first, f"something that only the engine sees ({lost.message})"))
    return plan


def state_at(session: Session, ports: dict[str, int]) -> State:
    """The state of the session's instance on these ports; what was known of another backend is forgotten."""
    name, wanted, url = session.backend.name, session.settings.port, url_of(ports["openmeter"])
    if session.state is None or session.state.backend != name:
        state = State(backend=name, token=new_token(), ports=ports, wanted=wanted, url=url)
    else:
        state = msgspec.structs.replace(session.state, ports=ports, wanted=wanted, url=url)
    return _with_images(session, state)


def _with_images(session: Session, state: State) -> State:
    images = session.settings.images_from
    return msgspec.structs.replace(state, images_from=str(images.absolute())) if images else state


def as_wanted(session: Session) -> Session:
    """The instance that runs, with what the settings change of it."""
    session = _told_of_other_port(session)
    state = session.known if session.backend.offsets else _elsewhere(session)
    state = _with_images(session, state)
    return session.remember(state) if state != session.known else session


def _elsewhere(session: Session) -> State:
    """The state of an instance that runs elsewhere. Another server begins with nothing proven and nothing seeded."""
    settings, state = session.settings, session.state
    known = state if state and state.backend == session.backend.name else None
    url = settings.url or (known.url if known else "")
    if not url:
        raise UsageError(
            "where does OpenMeter run?", hint="devkit up --backend remote --url https://openmeter.example.com"
        )
    if known and known.url == url:
        return msgspec.structs.replace(known, api_token=settings.token or known.api_token)
    return State(backend=session.backend.name, token=new_token(), ports={}, url=url, api_token=settings.token)


def _told_of_other_port(session: Session) -> Session:
    state, wanted = session.known, session.settings.port
    if not state.ports:
        return session
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
