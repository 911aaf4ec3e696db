"""`python -m tests.cli.silence FOLDER PORT`: runs devkit in a namespace where each packet that would leave is seen.

Prints what came of it as JSON; test_network_silence.py starts it and says what must come of it.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devkit.core.agent_files import agent_of
from devkit.core.instance import Instance
from tests.cli.leaving_packets import LeavingPackets, lead_everything_to_loopback
from tests.cli.program import Program

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("up", "--offline", "--seed", "minimal", "--smoke"),
    ("smoke", "--tag", "app-stripe"),
    ("status",),
    ("tunnel", "status"),
    ("tunnel", "restart"),
    ("stripe", "status"),
    ("stripe", "sync"),
    ("stripe", "trigger", "checkout"),
    ("stripe", "gc"),
    ("doctor",),
    ("stop",),
    ("up",),
    ("destroy", "--yes"),
)

_STRANGER = "198.51.100.7"  # for documentation (RFC 5737), as ADDRESS is
# What takes its way through a proxy is seen as well: it is no address of this machine.
_PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://198.51.100.8:3128")
_LOOK_UP = "import socket, contextlib\nwith contextlib.suppress(OSError): socket.getaddrinfo('api.stripe.com', 443)"


def main(folder: Path, port: int) -> dict[str, Any]:
    lead_everything_to_loopback()
    with LeavingPackets() as packets:
        seen_on_purpose = list(_sent_on_purpose(packets))
        environment = _PROXIES | {name.lower(): value for name, value in _PROXIES.items()}
        environment |= {"NO_PROXY": "", "no_proxy": "", "HOME": str(folder)}
        devkit = Program(folder, port, environment)
        return {"on_purpose": seen_on_purpose, "commands": [_ran(devkit, words, packets) for words in COMMANDS]}


def _sent_on_purpose(packets: LeavingPackets) -> Iterator[list[str]]:
    """A datagram, a connection and a name that is looked up, as each was seen."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.sendto(b"devkit", (_STRANGER, 9))
    yield packets.seen()
    with socket.socket() as connection:
        connection.setblocking(False)
        connection.connect_ex((_STRANGER, 443))
        yield packets.seen()
    hurry = {**os.environ, "RES_OPTIONS": "timeout:1 attempts:1"}
    subprocess.run([sys.executable, "-c", _LOOK_UP], env=hurry, check=True)
    yield packets.seen()


def _ran(devkit: Program, words: tuple[str, ...], packets: LeavingPackets) -> dict[str, Any]:
    answer = devkit(*words, code=None)
    return {
        "words": words,
        "code": answer.code,
        "said": f"{answer.out}\n{answer.err}",
        "agent": _agent(devkit.folder),
        "packets": packets.seen(),
    }


def _agent(folder: Path) -> str:
    """Whether it runs, and then whether here."""
    agent = agent_of(Instance(folder))
    if agent is None:
        return "none"
    return "here" if _namespace(agent.pid) == _namespace("self") else "elsewhere"


def _namespace(process: object) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
