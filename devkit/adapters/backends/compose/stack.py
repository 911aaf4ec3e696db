"""One instance's services on one engine: what they are, what would change, and the changes themselves."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import msgspec
import requests
from docker.errors import DockerException

from devkit.adapters.backends.base import Change
from devkit.adapters.backends.compose.blueprint import Blueprint, inputs_file, project_of, read_inputs
from devkit.adapters.backends.compose.plan import changes
from devkit.adapters.backends.compose.starting import Watch, watch_until_well
from devkit.adapters.docker import compose_argv
from devkit.adapters.docker.containers import Container, observe
from devkit.adapters.docker.engine import ComposeTool, Engine, find_compose, find_engine
from devkit.adapters.docker.failures import explained
from devkit.adapters.docker.resources import Resource, remove, resources, sweep
from devkit.adapters.docker.runs import run, start
from devkit.core.atomic import write_atomically
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, cannot_write

_GRACE = 20  # seconds that services get to end
_END_WITHIN = 120.0  # seconds for Compose to stop everything
Tell = Callable[..., None]


@dataclass(frozen=True)
class Stack:
    """The Compose project of an instance. engine: the one that answered."""

    instance: Instance
    engine: Engine

    @cached_property
    def compose(self) -> ComposeTool:
        """Looked for when it is needed. Raises MissingToolError where there is none, or one that is too old."""
        return find_compose(self.engine.endpoint)

    @property
    def project(self) -> compose_argv.Project:
        return project_of(self.instance)

    def observe(self) -> dict[str, Container]:
        """Its containers by service."""
        with engine_errors():
            return observe(self.engine.client, self.project.name)

    def plan(self, blueprint: Blueprint) -> list[Change]:
        """What `apply` would do."""
        return changes(blueprint.inputs, read_inputs(self.instance), self.observe())

    def apply(self, blueprint: Blueprint, wanted: Sequence[Change], tell: Tell) -> None:
        """Does the changes and waits until every service is well. Raises DevkitError for the first that fails."""
        before = self.observe()
        self._remember(blueprint)
        self._remove_needless(wanted, before)
        acting = {change.service: change.action for change in wanted if change.action != "remove"}
        again, rest = _parted(acting)
        if again:
            self._run(compose_argv.restart(self.project, again, grace=_GRACE), blueprint.variables, tell)
        watch = Watch(self.engine.client, self.project.name, before, acting, tuple(blueprint.inputs))
        with engine_errors():
            if not rest:
                watch_until_well(watch, None, tell)
                return
            as_made = all(acting[service] == "start" for service in rest)
            command = [*self.compose.argv, *compose_argv.up(blueprint.project, rest, as_made=as_made)]
            with start(command, self._environment(blueprint.variables)) as running:
                watch_until_well(watch, running, tell)

    def _remove_needless(self, wanted: Sequence[Change], before: Mapping[str, Container]) -> None:
        """What nobody wants, and what is there twice: Compose would start the one or the other."""
        with engine_errors():
            for change in wanted:
                container = before.get(change.service)
                if container is not None and (change.action == "remove" or container.doubles):
                    for name in (container.name, *container.doubles):
                        remove(self.engine.client, Resource("container", name))

    def stop(self, tell: Tell) -> bool:
        """Ends the services, keeping containers and data. False where one had to be killed."""
        self._run(compose_argv.stop(self.project, grace=_GRACE), {}, tell)
        return not any(each.exit_code == 137 and not each.out_of_memory for each in self.observe().values())

    def pause(self, services: Sequence[str], tell: Tell) -> None:
        """Stops some services for a while."""
        self._run(compose_argv.stop(self.project, services, grace=_GRACE), {}, tell)

    def resume(self, services: Sequence[str], tell: Tell) -> None:
        """Starts them again, in the order in which they need one another."""
        self._run(compose_argv.start(self.project, services), {}, tell)

    def follow_logs(self, services: Sequence[str], count: int, on_line: Callable[[str], None]) -> None:
        """Passes on what they say until they end or Ctrl-C comes."""
        command = [*self.compose.argv, *compose_argv.logs(self.project, services, count)]
        with start(command, self._environment({}), on_line) as running:
            running.process.wait()

    def down(self, tell: Tell) -> None:
        """Removes containers and networks; the data stays."""
        self._remove(compose_argv.down(self.project, grace=_GRACE), ("container", "network"), tell)

    def belongings(self) -> list[Resource]:
        """Everything in the engine that has the label of this instance."""
        with engine_errors():
            return resources(self.engine.client, self.project.name)

    def destroy(self, tell: Tell) -> None:
        """Removes everything with the label of this instance, the data too. Works also where nothing else is known."""
        self._remove(compose_argv.down(self.project, grace=2, volumes=True), ("container", "network", "volume"), tell)

    def _remove(self, arguments: Sequence[str], kinds: Sequence[str], tell: Tell) -> None:
        """Compose ends services gently. What it leaves goes singly, and only what then is still there is a failure.

        Compose gives up at the first thing that the engine is busy with: a container of a start that was cut short.
        """
        failure: DevkitError | None = None
        try:
            self._run(arguments, {}, tell)
        except DevkitError as error:
            failure = error
        try:
            with engine_errors():
                sweep(self.engine.client, self.project.name, kinds)
        except DevkitError as error:
            raise error from failure

    def _run(self, arguments: Sequence[str], variables: Mapping[str, str], tell: Tell) -> None:
        command = [*self.compose.argv, *arguments]
        code, said = run(command, self._environment(variables), within=_END_WITHIN, on_line=tell)
        if code:
            raise explained(said, what=f"docker compose failed (exit code {code})")

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {**self.engine.endpoint.environment(os.environ), **variables}

    def _remember(self, blueprint: Blueprint) -> None:
        try:
            write_atomically(inputs_file(self.instance), msgspec.json.encode(blueprint.inputs))
        except OSError as error:
            raise cannot_write(inputs_file(self.instance), error) from error


@contextmanager
def open_stack(instance: Instance) -> Iterator[Stack]:
    """The stack of an instance on the engine that answers. Raises MissingToolError where there is none."""
    engine = find_engine()
    try:
        yield Stack(instance, engine)
    finally:
        engine.close()


@contextmanager
def engine_errors() -> Iterator[None]:
    """Says in devkit's words what the engine's API raises."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        text = str(getattr(error, "explanation", None) or error)
        raise explained([text], what="the engine refused") from error


def _parted(acting: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Those to restart, and the rest."""
    again = [service for service, action in acting.items() if action == "restart"]
    return again, [service for service in acting if service not in again]
