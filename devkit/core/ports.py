"""The ports of an instance: one block, planned before anything starts, moved as a whole when one of them is taken."""

import errno
import socket
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from devkit.core.errors import DevkitError
from devkit.core.processes import name_of

HOST = "127.0.0.1"
OFFSETS: Mapping[str, int] = {"openmeter": 0}  # of a backend that listens on one port
BLOCK = 10  # ports from one block to the next
_TRIES = 200


class PortTakenError(DevkitError):
    """A port that was free when it was chosen is taken now: choose again."""


@dataclass(frozen=True)
class Taken:
    """A port that something else listens on. `owner` is a phrase: pid and name where the system tells them."""

    port: int
    owner: str


@dataclass(frozen=True)
class Plan:
    """The ports by purpose. `moved_for` is the port that stood in the way of the block that was wanted."""

    ports: dict[str, int]
    moved_for: Taken | None = None


def block_at(first: int, offsets: Mapping[str, int] = OFFSETS) -> dict[str, int]:
    return {purpose: first + offset for purpose, offset in offsets.items()}


def plan_ports(first: int, offsets: Mapping[str, int] = OFFSETS, *, held: Collection[int] = ()) -> Plan:
    """The first block at or after `first` of which every port is free. Raises DevkitError where there is none.

    offsets: the ports of a block by purpose; held: ports that the instance itself listens on
    """
    obstacle: Taken | None = None
    for candidate in range(first, min(first + _TRIES * BLOCK, 65536 - max(offsets.values())), BLOCK):
        ports = block_at(candidate, offsets)
        blocked = next((port for port in ports.values() if port not in held and not is_free(port)), None)
        if blocked is None:
            return Plan(ports, obstacle)
        obstacle = obstacle or Taken(blocked, owner_of(blocked))
    raise DevkitError(
        f"no free ports from {first} on" + (f": {obstacle.port} is taken by {obstacle.owner}" if obstacle else ""),
        hint="choose another first port: devkit up --port 20000",
    )


def bind(port: int) -> socket.socket:
    """A socket that listens on the loopback address; 0 takes any port. Raises OSError, EADDRINUSE where it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # The option below would let two programs have the same port there.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


def listener(port: int, *, other: str) -> socket.socket:
    """A bound socket. other: the command that takes another port, for the hint. Raises DevkitError naming the owner."""
    try:
        return bind(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise DevkitError(
                f"port {port} is taken by {owner_of(port)}", hint=f"choose another one: {other}"
            ) from error
        raise DevkitError(f"cannot listen on port {port}: {error.strerror or error}") from error


def is_free(port: int) -> bool:
    """Whether it can be listened on right now. Raises DevkitError where the system forbids the port."""
    try:
        bind(port).close()
    except OSError as error:
        if error.errno == errno.EACCES and port < 1024:
            raise DevkitError(f"port {port} needs administrator rights", hint="choose a port from 1024 on") from error
        return False
    return True


def owner_of(port: int) -> str:
    """Who listens there, as a phrase."""
    import psutil

    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return "another process"
    pids = [c.pid for c in connections if c.laddr and c.laddr.port == port and c.status == psutil.CONN_LISTEN]
    pid = next((pid for pid in pids if pid), None)
    if pid is None:
        return "a process of another user" if pids else "another process"
    return f"pid {pid} ({name_of(pid)})"
