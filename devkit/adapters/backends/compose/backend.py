"""The compose backend as commands use it: each call opens the engine, does one thing and closes it again."""

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devkit.adapters.backends.agent_process import SERVICE as AGENT
from devkit.adapters.backends.agent_process import agent_log, follow_agent_log
from devkit.adapters.backends.base import Change, Ended, Lag, ServiceStatus, Started, Tell
from devkit.adapters.backends.compose.blueprint import Blueprint, Offline, Wishes, blueprint, project_of
from devkit.adapters.backends.compose.credentials import credentials_file, new_credentials, read_credentials
from devkit.adapters.backends.compose.event_reset import PAUSED, reset_events
from devkit.adapters.backends.compose.preparation import bring_images, chosen_images, secrets_of, user_changes
from devkit.adapters.backends.compose.services import EVERY, PORTS, SERVICES
from devkit.adapters.backends.compose.sink import sink_lag
from devkit.adapters.backends.compose.stack import Stack, engine_errors, open_stack
from devkit.adapters.docker.containers import Container, last_log_lines
from devkit.adapters.docker.preflight import examine
from devkit.core.errors import DevkitError, MissingToolError, UnreachableError, UsageError
from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.ports import HOST, block_at
from devkit.core.state import State, new_token, timestamp

_QUICK_PROBES = (25, 0)  # the engine that knows them
_SINGLY = 2  # changes that are told one by one in a single line


@dataclass(frozen=True)
class Compose:
    """images_from: a file with images that take the place of the lock file's.

    public_url: where OpenMeter is reached from outside, empty for what the state says, else its own address; only
                `plan` and `start` ask for it,
    offline:    and for how it reaches the stand-in for Stripe, None where it calls Stripe itself
    """

    images_from: Path | None = None
    public_url: str = ""
    offline: Offline | None = None
    name: str = "compose"
    offsets: Mapping[str, int] = field(default_factory=lambda: PORTS)
    proof_within: float = 60.0

    def preflight(self, instance: Instance) -> list[Finding]:
        """What speaks for and against starting here. Raises MissingToolError where there is no engine or no Compose."""
        with open_stack(instance) as stack, engine_errors():
            _ = stack.compose
            return examine(stack.engine, chosen_images(instance, self.images_from))

    def plan(self, instance: Instance, state: State) -> list[Change]:
        """What `start` would do now, and why. Nothing is pulled or made."""
        with open_stack(instance) as stack:
            return stack.plan(self._blueprint(stack, state, tell=None))

    def prepare(self, instance: Instance, tell: Tell) -> None:
        """Pulls the images that are missing."""
        with open_stack(instance) as stack:
            bring_images(stack, chosen_images(instance, self.images_from), tell)

    def start(self, instance: Instance, state: State, tell: Tell) -> Started:
        """Makes the services as they should be and waits until they are well.

        Raises PortTakenError where a port is taken meanwhile, DevkitError for the first service that fails.
        """
        with open_stack(instance) as stack:
            wanted = self._blueprint(stack, state, tell)
            changes = stack.plan(wanted)
            for change in changes:
                tell(str(change))
            found = stack.observe()
            if changes or not all(_right(name, found.get(name)) for name in wanted.inputs):
                stack.apply(wanted, changes, tell)
            return Started(_told(changes, len(wanted.inputs)), changes)

    def services(self, instance: Instance) -> list[ServiceStatus]:
        """Every service as it is now."""
        with open_stack(instance) as stack:
            return [_status(name, container) for name, container in _by_service(stack)]

    def is_running(self, instance: Instance, state: State) -> bool:
        """Whether its server's container runs; nothing does where no engine answers."""
        _ = state
        try:
            with open_stack(instance) as stack:
                server = stack.observe().get("openmeter")
        except (MissingToolError, UnreachableError):
            return False
        return server is not None and server.up

    def answers(self, instance: Instance, state: State, *, timeout: float = 2) -> bool:
        """Whether the instance's own container has the port, and OpenMeter answers there."""
        try:
            own = self._published(instance)
        except (MissingToolError, UnreachableError):
            return False
        return own.get("openmeter") == state.ports.get("openmeter") and answers(state.url, timeout=timeout)

    def held_ports(self, instance: Instance) -> frozenset[int]:
        return frozenset(self._published(instance).values())

    def find(self, instance: Instance) -> State | None:
        """What the engine shows of an instance without a state file. Only where one was made here is it asked."""
        if not credentials_file(instance).exists():
            return None
        try:
            ports = self._published(instance)
        except (MissingToolError, UnreachableError):
            return None
        if "openmeter" not in ports:
            return None
        whole = block_at(ports["openmeter"], PORTS)
        url = f"http://{HOST}:{whole['openmeter']}"
        images = str(self.images_from) if self.images_from else ""
        return State(
            backend=self.name, token=new_token(), ports=whole, url=url, started_at=timestamp(), images_from=images
        )

    def log_lines(self, instance: Instance, count: int, service: str | None = None) -> list[str]:
        """The last lines of one service's log, oldest first; of all, each with its service's name, where none is named.

        The agent beside the services counts as one. Raises UsageError for a service that is not there.
        """
        if service == AGENT:
            return agent_log(instance, count)
        with open_stack(instance) as stack:
            found = stack.observe()
            if service is not None:
                _known(service)
                return last_log_lines(stack.engine.client, found[service], count) if service in found else []
            each = max(1, count // (len(found) + 1))
            logs = {name: last_log_lines(stack.engine.client, found[name], each) for name in EVERY if name in found}
            logs[AGENT] = agent_log(instance, each)
            return [f"{name} | {line}" for name, lines in logs.items() for line in lines]

    def follow_log(self, instance: Instance, count: int, service: str | None, tell: Callable[[str], None]) -> None:
        if service == AGENT:
            follow_agent_log(instance, count, tell)
        if service is not None:
            _known(service)
        with open_stack(instance) as stack:
            if service is None:
                _beside(follow_agent_log, instance, count, lambda line: tell(f"{AGENT} | {line}"))
            stack.follow_logs([service] if service else [], count, tell)

    def sink_lag(self, instance: Instance) -> Lag:
        """Events that Kafka has and ClickHouse has not. Takes a second or two."""
        with open_stack(instance) as stack, engine_errors():
            kafka = stack.observe().get("kafka")
            if kafka is None or not kafka.well:
                raise DevkitError("Kafka does not run", hint="devkit up starts it")
            return sink_lag(stack.engine.client, kafka)

    def reset_events(self, instance: Instance, tell: Tell) -> None:
        """Forgets all events and that they were seen, with intake and storing stopped meanwhile."""
        with open_stack(instance) as stack:
            stack.pause(PAUSED, tell)
            try:
                with engine_errors():
                    reset_events(stack.engine.client, stack.observe(), tell)
            finally:
                stack.resume(PAUSED, tell)

    def stop(self, instance: Instance, state: State | None, tell: Tell) -> Ended:
        """Ends the services and keeps everything."""
        _ = state
        with open_stack(instance) as stack:
            up = [name for name, each in stack.observe().items() if each.state in ("running", "restarting", "paused")]
            if not up:
                return Ended("nothing was running")
            gently = stack.stop(tell)
        return Ended(f"{len(up)} services {'stopped' if gently else 'ended, some by force'}", changed=True)

    def down(self, instance: Instance, tell: Tell) -> None:
        """Removes containers and networks; the data stays."""
        with open_stack(instance) as stack:
            stack.down(tell)

    def belongings(self, instance: Instance) -> list[str]:
        """Everything that `destroy` would remove from the engine."""
        with open_stack(instance) as stack:
            return [str(each) for each in stack.belongings()]

    def destroy(self, instance: Instance, tell: Tell) -> None:
        """Removes all of it, the data too."""
        with open_stack(instance) as stack:
            stack.destroy(tell)

    def _published(self, instance: Instance) -> dict[str, int]:
        """The ports of the running containers by purpose."""
        with open_stack(instance) as stack:
            found = stack.observe()
        return {
            name: next(iter(container.ports.values()))
            for name, container in found.items()
            if container.up and container.ports and name in PORTS
        }

    def _blueprint(self, stack: Stack, state: State, tell: Tell | None) -> Blueprint:
        """tell: None pulls nothing and keeps nothing."""
        images = chosen_images(stack.instance, self.images_from)
        if tell is None:
            credentials = read_credentials(stack.instance) or new_credentials()
        else:
            images, credentials = bring_images(stack, images, tell), secrets_of(stack)
        quick = stack.engine.product == "Docker" and stack.engine.version >= _QUICK_PROBES
        url = self.public_url or state.public_url or state.url
        wishes = Wishes(state.ports, url, images, user_changes(stack.instance), quick, self.offline)
        return blueprint(stack.instance, wishes, credentials)


def project_name(instance: Instance) -> str:
    """The name by which Compose knows the instance."""
    return project_of(instance).name


def answers(url: str, *, timeout: float = 2) -> bool:
    """Whether an OpenMeter answers there. timeout: seconds."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/api/v1/debug/metrics")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _told(changes: Sequence[Change], services: int) -> str:
    """`12 services created`, `recreate sink-worker: sink.minCommitCount`, `all 12 services are well`."""
    if not changes:
        return f"all {services} services are well"
    if len(changes) <= _SINGLY:
        return "; ".join(map(str, changes))
    made = Counter(change.action for change in changes)
    told = (f"{count} {'service' if count == 1 else 'services'} to {action}" for action, count in made.items())
    return ", ".join(told) + ": done"


def _known(service: str) -> None:
    if service not in EVERY:
        raise UsageError(f"there is no service {service}", hint=f"the services are {', '.join([*EVERY, AGENT])}")


def _beside(work: Callable[..., None], *arguments: Any) -> None:
    """Does it in a thread that ends with the process."""
    threading.Thread(target=work, args=arguments, daemon=True).start()


def _by_service(stack: Stack) -> Sequence[tuple[str, Container | None]]:
    found = stack.observe()
    return [(name, found.get(name)) for name in EVERY if name in SERVICES or name in found]


def _right(name: str, container: Container | None) -> bool:
    if container is None:
        return False
    if EVERY[name].kind == "job":
        return container.state == "exited" and container.exit_code == 0
    return container.well


def _status(name: str, container: Container | None) -> ServiceStatus:
    if container is None:
        return ServiceStatus(name, "missing", "", 0, "", "", well=False)
    tag = container.image.partition("@")[0].rpartition(":")[2]
    return ServiceStatus(
        name, container.state, container.health, container.restarts, tag, container.started_at, _right(name, container)
    )
