"""An engine, the images of the tests, and instances that leave nothing behind."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from devkit.adapters.backends.base import Change
from devkit.adapters.backends.compose.backend import Compose
from devkit.adapters.backends.compose.services import PORTS
from devkit.adapters.docker.engine import find_compose, find_engine
from devkit.adapters.docker.images import Image, lock_text
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.ports import block_at
from devkit.core.state import State
from tests.e2e.images import build_all
from tests.servers import first_of_free_block

REQUIRED = "DEVKIT_REQUIRE_DOCKER"


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the engine. Without one the tests are skipped, unless DEVKIT_REQUIRE_DOCKER=1 forbids it."""
    try:
        found = find_engine()
        find_compose(found.endpoint)
    except DevkitError as error:
        if os.environ.get(REQUIRED) == "1":
            raise
        pytest.skip(f"{error.message} ({REQUIRED}=1 makes this a failure)")
    yield found.client
    found.close()


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient) -> dict[str, str]:
    """The images by their names in the lock file; one process at a time makes them."""
    if shutil.which("mmdebstrap") is None and os.environ.get(REQUIRED) != "1":
        pytest.skip("mmdebstrap is missing, which makes the images of the tests (.ci/engine installs it)")
    with (Path(tempfile.gettempdir()) / "devkit-test-images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return build_all(engine)


@dataclass
class Sandbox:
    """An instance in a folder of its own, on ports of its own. said: all that it told."""

    instance: Instance
    compose: Compose
    ports: dict[str, int]
    engine: docker.DockerClient
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['openmeter']}"

    @property
    def state(self) -> State:
        return State(backend="compose", token="t", ports=self.ports, url=self.url)

    def tell(self, message: str = "", *_: Any, **__: Any) -> None:
        self.said.append(message)

    def configure(self, changes: dict[str, Any]) -> None:
        """Writes the user's changes to OpenMeter's configuration."""
        (self.instance.root / "openmeter.yaml").write_text(yaml.safe_dump(changes))

    def up(self) -> list[Change]:
        return list(self.compose.start(self.instance, self.state, self.tell).changes)

    def plan(self) -> list[str]:
        return [str(change) for change in self.compose.plan(self.instance, self.state)]

    def container(self, service: str) -> Any:
        (found,) = self.engine.containers.list(
            all=True,
            filters={
                "label": [f"devkit.folder={self.instance.folder.resolve()}", f"com.docker.compose.service={service}"]
            },
        )
        return found

    def started(self) -> dict[str, str]:
        """When each service's container started; what did not restart has the same moment as before."""
        return {each.service: each.started_at for each in self.compose.services(self.instance)}


NewSandbox = Callable[..., Sandbox]


@pytest.fixture(scope="module")
def new_sandbox(
    engine: docker.DockerClient, images: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewSandbox]:
    """Makes sandboxes; whatever became of them, nothing of them is left in the end."""
    made: list[Sandbox] = []

    def new(name: str = "default", **other_images: str) -> Sandbox:
        root = tmp_path_factory.mktemp("project")
        lock = root / "images.lock"
        lock.write_text(lock_text({service: Image(tag) for service, tag in {**images, **other_images}.items()}))
        instance = Instance(root, name)
        prepare_folder(instance)
        made.append(Sandbox(instance, Compose(lock), free_block(), engine))
        return made[-1]

    yield new
    for sandbox in made:
        sandbox.compose.destroy(sandbox.instance, sandbox.tell)


def free_block() -> dict[str, int]:
    """Ports of an instance that nobody has."""
    return block_at(first_of_free_block(), PORTS)
