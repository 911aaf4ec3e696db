"""Where containers reach the agent: only the stand-in of Stripe is there, under the name that OpenMeter calls."""

import errno
import socket
from pathlib import Path

from devkit.adapters.certificates import offline_certificates
from devkit.adapters.docker.engine import find_engine
from devkit.adapters.docker.host_address import stripe_listen_address
from devkit.core.instance import Instance


def listen_for_containers(instance: Instance, port: int) -> tuple[socket.socket, tuple[Path, Path]]:
    """A listener, and the files of certificate and key for it.

    port: of last time, taken again where it is free: the containers' way to it is part of their configuration
    Raises DevkitError where containers cannot reach this machine.
    """
    engine = find_engine()
    try:
        address = stripe_listen_address(engine)
    finally:
        engine.close()
    server = offline_certificates(instance.folder).server
    return _bound(address, port), (server, server)


def _bound(address: str, port: int) -> socket.socket:
    try:
        return socket.create_server((address, port))
    except OSError as error:
        if not port or error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return socket.create_server((address, 0))
