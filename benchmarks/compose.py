"""How long the compose backend takes on images that are there: up to the first counted event, a no-op up, down.

python benchmarks/compose.py [--images FILE]     (without FILE: the images of the tests, made on the spot)

Goals with the tests' images in CI: 15 s to the proof, 2 s for nothing to do, 5 s for down. Beside them the same file
through bare `docker compose`, which proves nothing and checks nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from devkit.adapters.backends.compose.backend import Compose  # noqa: E402 - the checkout comes first
from devkit.adapters.backends.compose.blueprint import Blueprint, Wishes, blueprint  # noqa: E402 - the same
from devkit.adapters.backends.compose.credentials import new_credentials  # noqa: E402 - the same
from devkit.adapters.backends.compose.preparation import chosen_images  # noqa: E402 - the same
from devkit.adapters.backends.compose.services import PORTS  # noqa: E402 - the same
from devkit.adapters.docker import compose_argv  # noqa: E402 - the same
from devkit.adapters.docker.images import Image, lock_text  # noqa: E402 - the same
from devkit.adapters.openmeter import OpenMeter  # noqa: E402 - the same
from devkit.core.instance import Instance, prepare_folder  # noqa: E402 - the same
from devkit.core.ports import plan_ports  # noqa: E402 - the same
from devkit.core.state import State, new_token  # noqa: E402 - the same
from devkit.usecases.prove_ingest import prove_ingest  # noqa: E402 - the same


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def silent(*_: Any, **__: Any) -> None:
    pass


def of_devkit(folder: Path, images: Path, ports: dict[str, int]) -> tuple[float, float, float]:
    """Seconds of up with proof, of up again, of down."""
    instance, compose, url = Instance(folder, "bench"), Compose(images), f"http://127.0.0.1:{ports['openmeter']}"
    state = State(backend=compose.name, token=new_token(), ports=ports, url=url)
    prepare_folder(instance)

    def up_and_prove() -> None:
        compose.start(instance, state, silent)
        with OpenMeter(url) as client:
            prove_ingest(client)

    try:
        cold = seconds(up_and_prove)
        again = seconds(lambda: compose.start(instance, state, silent))
        return cold, again, seconds(lambda: compose.down(instance, silent))
    finally:
        compose.destroy(instance, silent)


def of_bare_compose(folder: Path, images: Path, ports: dict[str, int]) -> tuple[float, float, float]:
    """The same file, through Compose alone."""
    instance = Instance(folder, "bare")
    prepare_folder(instance)
    url = f"http://127.0.0.1:{ports['openmeter']}"
    made: Blueprint = blueprint(instance, Wishes(ports, url, chosen_images(instance, images), {}), new_credentials())
    environment = {**os.environ, **made.variables}

    def compose(*words: str) -> None:
        command = ["docker", "compose", *compose_argv.described(made.project), *words]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    try:
        return (
            seconds(lambda: compose("up", "-d")),
            seconds(lambda: compose("up", "-d")),
            seconds(lambda: compose("down")),
        )
    finally:
        compose("down", "--volumes")


def test_images(folder: Path) -> Path:
    import docker

    from tests.e2e.images import build_all

    path = folder / "images.lock"
    path.write_text(lock_text({name: Image(tag) for name, tag in build_all(docker.from_env(timeout=600)).items()}))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = wanted.images or test_images(folder)
        first = plan_ports(20000).ports["openmeter"]
        ports = {purpose: first + offset for purpose, offset in PORTS.items()}
        devkit, bare = of_devkit(folder, images, ports), of_bare_compose(folder, images, ports)
    for what, mine, theirs in zip(("up, proven", "up again", "down"), devkit, bare, strict=True):
        print(f"{what:12} {mine:6.2f} s   docker compose {theirs:6.2f} s   ratio {mine / theirs:.2f}")


if __name__ == "__main__":
    main()
