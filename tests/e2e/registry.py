"""A registry of Debian's on a port of the loopback address, for pulls without a network."""

import io
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import httpx
import pytest

from tests.servers import free_port


@contextmanager
def local_registry(folder: Path) -> Iterator[str]:
    """Its address, host and port."""
    program = shutil.which("docker-registry")
    if program is None and os.environ.get("DEVKIT_REQUIRE_DOCKER") != "1":
        pytest.skip("docker-registry is missing (.ci/engine installs it)")
    assert program, "docker-registry is missing (.ci/engine installs it)"
    address = f"127.0.0.1:{free_port()}"
    config = folder / "registry.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder / 'registry'}}}}}\n"
        f"http: {{addr: {address}}}\n"
    )
    with (folder / "registry.log").open("w") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
    try:
        _wait(f"http://{address}/v2/")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def push_new(engine: docker.DockerClient, target: str) -> str:
    """Makes an image that there never was, puts it into the registry, removes it from the engine, gives its digest."""
    repository, _, tag = target.rpartition(":")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        info = tarfile.TarInfo("noise")
        info.size = 3_000_000
        tar.addfile(info, io.BytesIO(os.urandom(info.size)))
    engine.api.import_image_from_data(content.getvalue(), repository=repository, tag=tag)
    for row in engine.images.push(repository, tag, stream=True, decode=True):
        assert "error" not in row, row["error"]
    digest = next(each for each in engine.images.get(target).attrs["RepoDigests"] if each.startswith(repository))
    engine.images.remove(target)
    return str(digest.partition("@")[2])


def _wait(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(url, timeout=2).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.05)
        else:
            return
