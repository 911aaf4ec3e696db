"""What is there and what runs: the look at one instance, and at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devkit.adapters.backends.base import Lag, ServiceStatus
from devkit.core.agent_files import read_marker, running_agents
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, instances_in
from devkit.core.outside import Outside
from devkit.core.processes import Process, resident_bytes
from devkit.core.state import BrokenStateError, State, read_state
from devkit.usecases.endings import size_of
from devkit.usecases.outside import running_outside
from devkit.usecases.recall import with_memory
from devkit.usecases.session import Session
from devkit.usecases.target import TOKEN_VARIABLE, VARIABLE

_ENDED = "no tunnel: the agent has ended; devkit up starts it anew"


@dataclass(frozen=True)
class Status:
    """One instance. condition: `running`, `not answering`, `ended` (without being stopped), `stopped` or `absent`.

    services: where it is made of several; sink_lag: where events are taken in and stored by two of them
    public_url, webhook: where Stripe reaches it, and the state of the webhook as the agent saw it last
    uptime: seconds; memory and data: bytes
    """

    name: str
    folder: str
    condition: str
    backend: str | None = None
    url: str | None = None
    pid: int | None = None
    ports: dict[str, int] | None = None
    uptime: int | None = None
    memory: int | None = None
    data: int = 0
    proven_at: str | None = None
    seeds: tuple[str, ...] = ()
    services: tuple[ServiceStatus, ...] = ()
    sink_lag: Lag | None = None
    public_url: str | None = None
    webhook: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.condition == "running"


def status_of(session: Session) -> Status:
    """Looks at the instance of the session; a damaged state file is repaired from what runs."""
    instance = session.instance
    session = with_memory(session)
    state = session.state
    if not instance.folder.is_dir():
        return Status(instance.name, str(instance.folder), "absent")
    if state is None:
        return Status(
            instance.name, str(instance.folder), "stopped", data=size_of(instance.data_folder), notes=session.notes
        )
    alive = session.running
    services, notes = _services(session)
    condition = _condition(session, state, alive)
    lag, lag_notes = _sink_lag(session) if condition == "running" else (None, ())
    outside = running_outside(session) if alive else None
    ended = alive and state.wish.anything and outside is None
    return Status(
        name=instance.name,
        folder=str(instance.folder),
        condition=condition,
        backend=state.backend,
        url=state.url,
        pid=state.process.pid if alive and state.process else None,
        ports=state.ports,
        uptime=_seconds_since(state.started_at) if alive and state.started_at else None,
        memory=resident_bytes(state.process) if alive and state.process else None,
        data=size_of(instance.data_folder),
        proven_at=state.proven_at if alive else None,
        seeds=state.seeds,
        services=services,
        sink_lag=lag,
        public_url=outside.tunnel.url if outside else None,
        webhook=_webhook(outside) if outside else _ENDED if ended else None,
        notes=(*session.notes, *notes, *lag_notes),
    )


def _condition(session: Session, state: State, alive: bool) -> str:
    if alive:
        return "running" if session.backend.answers(session.instance, state) else "not answering"
    return "ended" if state.process or state.started_at else "stopped"


def _webhook(outside: Outside) -> str | None:
    """None without a Stripe app."""
    if outside.tunnel.problem:
        return f"no tunnel: {outside.tunnel.problem}"
    if outside.webhook.problem:
        return outside.webhook.problem
    return f"as it should be, looked at {outside.webhook.looked_at}" if outside.webhook.app else None


def _services(session: Session) -> tuple[tuple[ServiceStatus, ...], tuple[str, ...]]:
    """The services, and why they cannot be seen where they cannot."""
    try:
        return tuple(session.backend.services(session.instance)), ()
    except DevkitError as error:
        return (), (error.message,)


def _sink_lag(session: Session) -> tuple[Lag | None, tuple[str, ...]]:
    """How far storing is behind, and why it cannot be seen where it cannot."""
    try:
        return session.backend.sink_lag(session.instance), ()
    except DevkitError as error:
        return None, (f"how many events wait to be stored is not known: {error.message}",)


def _seconds_since(moment: str) -> int:
    return max(0, round((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()))


@dataclass(frozen=True)
class Listed:
    """An instance in a list. here: whether it belongs to this project; otherwise it was found running elsewhere."""

    name: str
    folder: str
    running: bool
    url: str | None
    pid: int | None
    here: bool


def list_instances(session: Session) -> list[Listed]:
    """The instances of this project, then every other one whose agent or containers run."""
    # Loaded here: only this look asks the engine whatever the backend is.
    from devkit.adapters.backends.compose.elsewhere import running_servers

    agents = {instance.folder: process for process, instance in running_agents()}
    servers = running_servers()
    mine = instances_in(session.instance.root)
    others = sorted({*agents, *servers} - {instance.folder for instance in mine})
    here = [_listed(instance, agents, servers, here=True) for instance in mine]
    return [*here, *(_listed(Instance.of_folder(folder), agents, servers, here=False) for folder in others)]


def _listed(instance: Instance, agents: Mapping[Path, Process], servers: Mapping[Path, str], *, here: bool) -> Listed:
    folder, state = instance.folder, _remembered(instance)
    process = agents.get(folder)
    runs = process is not None or folder in servers or (state is not None and state.backend == "remote")
    url = servers.get(folder) or _url(instance)
    return Listed(instance.name, str(folder), runs, url, process.pid if process else None, here)


def _remembered(instance: Instance) -> State | None:
    try:
        return read_state(instance)
    except BrokenStateError:
        return None


def _url(instance: Instance) -> str | None:
    state = _remembered(instance)
    marker = read_marker(instance)
    return state.url if state else f"http://127.0.0.1:{marker.port}" if marker else None


def environment_of(session: Session) -> dict[str, str]:
    """The variables by which programs find the instance. Raises DevkitError where it does not run."""
    status = status_of(session)
    if not status.running or status.url is None:
        raise DevkitError(
            f"instance {status.name} is {'not there' if status.condition == 'absent' else status.condition}",
            hint="devkit up starts it" + ("" if status.name == "default" else f": devkit up --name {status.name}"),
        )
    token = with_memory(session).known.api_token
    return {VARIABLE: status.url, **({TOKEN_VARIABLE: token} if token else {})}
