"""Starts real embedded servers for tests, each a process of its own."""

import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

import devkit
from devkit.core.ports import BLOCK, is_free


def first_of_free_block() -> int:
    """The first of ten ports that nobody has, and none of those that outgoing connections take for a moment."""
    while True:
        first = random.randrange(10_000, 30_000, BLOCK)
        if all(is_free(first + offset) for offset in range(BLOCK)):
            return first


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """This process's environment, in which `python -m devkit` is the devkit under test, from any working folder."""
    home = str(Path(devkit.__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))}


@contextmanager
def embedded_server(
    data: Path, *flags: str, within: float = 20, variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The URL of a `devkit serve` on this data folder, ended with SIGTERM.

    within:    seconds to its first answer
    variables: of its environment, beside those of this process
    """
    port = free_port()
    log = data.with_suffix(".log")
    command = [sys.executable, "-m", "devkit", "serve", "--port", str(port), "--data", str(data), *flags]
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command, env={**environment(), **(variables or {})}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        ) as server,
    ):
        try:
            _wait(server, url := f"http://127.0.0.1:{port}", log, within)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


@contextmanager
def stripe_standin() -> Iterator[str]:
    """The address of devkit's stand-in of Stripe, with the key of the recordings, in a process of its own."""
    command = [sys.executable, "-m", "devkit", "standin", "stripe", "--port", "0", "--key", "sk_test_devkit_123"]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            found = re.search(r"http://\S+:\d+", told)
            assert found is not None, told + process.stderr.read()
            yield found[0]
        finally:
            process.terminate()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            httpx.get(f"{url}/healthz", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the embedded server did not answer:\n{log.read_text()}")
