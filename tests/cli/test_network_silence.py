"""With `--offline` nothing leaves the machine, and nothing is even tried: no packet, no name that is looked up.

All of it runs in a network namespace that has loopback alone. DEVKIT_REQUIRE_NETNS=1 makes a failure of the skip.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devkit.core.agent_files import agent_of
from devkit.core.instance import Instance
from devkit.core.processes import end
from tests.servers import environment, first_of_free_block

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")

_PROJECT = Path(__file__).resolve().parents[2]
# Root needs no user namespace, which a machine may forbid.
_WAYS = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))


def _way() -> tuple[str, ...]:
    """The command that gives another one a network namespace of its own."""
    for way in _WAYS if shutil.which("unshare") else ():
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return way
    reason = "this machine lets nobody make network namespaces (unshare --net)"
    if os.environ.get("DEVKIT_REQUIRE_NETNS", "") not in ("", "0"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What tests/cli/silence.py saw."""
    folder = tmp_path_factory.mktemp("silence").resolve()
    command = [*_way(), sys.executable, "-m", "tests.cli.silence", str(folder), str(first_of_free_block())]
    run = subprocess.run(
        command, cwd=_PROJECT, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    try:
        assert run.returncode == 0, run.stderr
        yield json.loads(run.stdout)
    finally:
        if agent := agent_of(Instance(folder)):
            end(agent, grace=5)


def test_what_is_sent_on_purpose_is_seen(report: dict[str, Any]) -> None:
    datagram, connection, look_up = report["on_purpose"]
    assert "UDP to 198.51.100.7, port 9" in datagram
    assert "TCP to 198.51.100.7, port 443" in connection
    assert any(packet.endswith("port 53") for packet in look_up)


def test_every_command_succeeds_without_a_network(report: dict[str, Any]) -> None:
    failed = {" ".join(ran["words"]): ran["said"] for ran in report["commands"] if ran["code"] != 0}
    assert not failed


def test_no_packet_leaves_whatever_the_command(report: dict[str, Any]) -> None:
    assert not {" ".join(ran["words"]): sorted(set(ran["packets"])) for ran in report["commands"] if ran["packets"]}


def test_the_agent_was_seen_too(report: dict[str, Any]) -> None:
    assert all(ran["agent"] != "elsewhere" for ran in report["commands"])
    assert "here" in {ran["agent"] for ran in report["commands"]}
