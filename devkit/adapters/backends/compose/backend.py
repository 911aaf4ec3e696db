"""The compose backend as commands use it: each call opens the engine, does one thing and closes it again."""

import http.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devkit.adapters.backends.compose.blueprint import Blueprint, Wishes, blueprint, project_of
from devkit.adapters.backends.compose.credentials import new_credentials, read_credentials
from devkit.adapters.backends.compose.event_reset import PAUSED, reset_events
from devkit.adapters.backends.compose.plan import Change
from devkit.adapters.backends.compose.preparation import bring_images, chosen_images, secrets_of, user_changes
from devkit.adapters.backends.compose.services import PORTS, SERVICES
from devkit.adapters.backends.compose.sink import Lag, sink_lag
from devkit.adapters.backends.compose.stack import Stack, engine_errors, open_stack
from devkit.adapters.docker.containers import Container, last_log_lines
from devkit.adapters.docker.preflight import Finding, examine
from devkit.adapters.docker.resources import Resource
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance

Tell = Callable[..., None]
_QUICK_PROBES = (25, 0)  # the engine that knows them


@dataclass(frozen=True)
class ServiceStatus:
    """One service for people and programs. version: the image's tag."""

    service: str
    state: str
    health: str
    restarts: int
    version: str
    started_at: str
    well: bool


@dataclass(frozen=True)
class Compose:
    """images_from: a file with images that take the place of the lock file's."""

    images_from: Path | None = None
    name: str = "compose"

    def preflight(self, instance: Instance) -> list[Finding]:
        """What speaks for and against starting here. Raises MissingToolError where there is no engine or no Compose."""
        with open_stack(instance) as stack, engine_errors():
            return examine(stack.engine, chosen_images(instance, self.images_from))

    def plan(self, instance: Instance, ports: Mapping[str, int], base_url: str) -> list[Change]:
        """What `reconcile` would do now, and why. Nothing is pulled or made."""
        with open_stack(instance) as stack:
            return stack.plan(self._blueprint(stack, ports, base_url, tell=None))

    def reconcile(self, instance: Instance, ports: Mapping[str, int], base_url: str, tell: Tell) -> list[Change]:
        """Makes the services as they should be and waits until they are well; gives what was changed and why.

        Raises PortTakenError where a port is taken meanwhile, DevkitError for the first service that fails.
        """
        with open_stack(instance) as stack:
            wanted = self._blueprint(stack, ports, base_url, tell)
            changes = stack.plan(wanted)
            for change in changes:
                tell(str(change))
            if changes or not all(_right(name, each) for name, each in _by_service(stack)):
                stack.apply(wanted, changes, tell)
            return changes

    def status(self, instance: Instance) -> list[ServiceStatus]:
        """Every service as it is now."""
        with open_stack(instance) as stack:
            return [_status(name, container) for name, container in _by_service(stack)]

    def is_running(self, instance: Instance) -> bool:
        """Whether its server's container runs; it may not answer (yet)."""
        with open_stack(instance) as stack:
            server = stack.observe().get("openmeter")
            return server is not None and server.up

    def published(self, instance: Instance) -> dict[str, int]:
        """The ports of the running containers by purpose: what is known of an instance without its state file."""
        with open_stack(instance) as stack:
            found = stack.observe()
        return {
            name: next(iter(container.ports.values()))
            for name, container in found.items()
            if container.ports and name in PORTS
        }

    def log_lines(self, instance: Instance, service: str, count: int) -> list[str]:
        """The last lines of one service's log, oldest first. Raises DevkitError for a service that is not there."""
        if service not in SERVICES:
            raise DevkitError(f"there is no service {service}", hint=f"the services are {', '.join(SERVICES)}")
        with open_stack(instance) as stack:
            container = stack.observe().get(service)
            return last_log_lines(stack.engine.client, container, count) if container else []

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

    def stop(self, instance: Instance, tell: Tell) -> bool:
        """Ends the services and keeps everything. False where one had to be killed."""
        with open_stack(instance) as stack:
            return stack.stop(tell)

    def down(self, instance: Instance, tell: Tell) -> None:
        """Removes containers and networks; the data stays."""
        with open_stack(instance) as stack:
            stack.down(tell)

    def belongings(self, instance: Instance) -> list[Resource]:
        """Everything that `destroy` would remove from the engine."""
        with open_stack(instance) as stack:
            return stack.belongings()

    def destroy(self, instance: Instance, tell: Tell) -> list[Resource]:
        """Removes all of it, the data too, and gives what it was."""
        with open_stack(instance) as stack:
            found = stack.belongings()
            stack.destroy(tell)
            return found

    def _blueprint(self, stack: Stack, ports: Mapping[str, int], base_url: str, tell: Tell | None) -> Blueprint:
        """tell: None pulls nothing and keeps nothing."""
        images = chosen_images(stack.instance, self.images_from)
        if tell is None:
            credentials = read_credentials(stack.instance) or new_credentials()
        else:
            images, credentials = bring_images(stack, images, tell), secrets_of(stack)
        quick = stack.engine.product == "Docker" and stack.engine.version >= _QUICK_PROBES
        wishes = Wishes(ports, base_url, images, user_changes(stack.instance), quick)
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


def _by_service(stack: Stack) -> Sequence[tuple[str, Container | None]]:
    found = stack.observe()
    return [(name, found.get(name)) for name in SERVICES]


def _right(name: str, container: Container | None) -> bool:
    if container is None:
        return False
    if SERVICES[name].kind == "job":
        return container.state == "exited" and container.exit_code == 0
    return container.well


def _status(name: str, container: Container | None) -> ServiceStatus:
    if container is None:
        return ServiceStatus(name, "missing", "", 0, "", "", well=False)
    tag = container.image.partition("@")[0].rpartition(":")[2]
    return ServiceStatus(
        name, container.state, container.health, container.restarts, tag, container.started_at, _right(name, container)
    )
