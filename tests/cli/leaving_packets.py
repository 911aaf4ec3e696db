"""Every packet that would leave the machine, seen in a network namespace of one's own.

Loopback is its only device, and all that is not for loopback is sent there, too: nothing is unreachable before it was
tried. IPv6 alone has no way there, as Linux leads none of it to loopback; names are looked up by IPv4 all the same. The
process needs the rights of root in its namespace.
"""

import ctypes
import fcntl
import socket
import struct
from contextlib import suppress
from typing import Self

ADDRESS = "192.0.2.1"  # for documentation (RFC 5737): nobody has it

_SET_FLAGS, _SET_ADDRESS, _ADD_ROUTE = 0x8914, 0x8916, 0x890B  # SIOCSIFFLAGS, SIOCSIFADDR, SIOCADDRT
_UP, _RUNNING, _ROUTE_UP = 0x1, 0x40, 0x1
_ALL_PROTOCOLS, _ATTACH_FILTER = 0x0003, 26
_SHOWN = {6: "TCP", 17: "UDP"}

# Classic BPF from the network header on: operation, jumps where true and where false, constant.
_LEAVING = (
    (0x28, 0, 0, 0xFFFFF000),  # the protocol of the frame
    (0x15, 0, 5, 0x0800),  # IPv4; else further down
    (0x30, 0, 0, 16),
    (0x15, 0, 13, 127),  # its destination begins with another byte: seen
    (0xB1, 0, 0, 0),
    (0x48, 0, 0, 2),
    (0x15, 10, 9, 53),  # to a resolver on loopback, which would ask others: seen
    (0x15, 0, 9, 0x86DD),  # neither IPv4 nor IPv6: seen
    (0x20, 0, 0, 24),
    (0x15, 0, 7, 0),
    (0x20, 0, 0, 28),
    (0x15, 0, 5, 0),
    (0x20, 0, 0, 32),
    (0x15, 0, 3, 0),
    (0x20, 0, 0, 36),
    (0x15, 0, 1, 1),  # its destination is not ::1: seen
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFF),
)


class _Route(ctypes.Structure):
    """struct rtentry."""

    _fields_ = (
        ("pad1", ctypes.c_ulong),
        ("destination", ctypes.c_byte * 16),
        ("gateway", ctypes.c_byte * 16),
        ("mask", ctypes.c_byte * 16),
        ("flags", ctypes.c_ushort),
        ("pad2", ctypes.c_short),
        ("pad3", ctypes.c_ulong),
        ("pad4", ctypes.c_void_p),
        ("metric", ctypes.c_short),
        ("device", ctypes.c_char_p),
        ("mtu", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("round_trip", ctypes.c_ushort),
    )


def lead_everything_to_loopback() -> None:
    """Raises OSError where the namespace is not this process's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP | _RUNNING))
        fcntl.ioctl(control, _SET_ADDRESS, struct.pack("16s16s8x", b"lo:1", _internet(ADDRESS)))
        everything = (ctypes.c_byte * 16)(*_internet("0.0.0.0"))
        route = _Route(destination=everything, gateway=everything, mask=everything, flags=_ROUTE_UP, device=b"lo")
        fcntl.ioctl(control, _ADD_ROUTE, route)


def _internet(address: str) -> bytes:
    """struct sockaddr_in, without a port."""
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


class LeavingPackets:
    """Sees them from the moment that it is made. A context manager."""

    def __init__(self) -> None:
        program = b"".join(struct.pack("=HBBI", *step) for step in _LEAVING)
        self._program = ctypes.create_string_buffer(program, len(program))
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        pointer = struct.pack("HP", len(_LEAVING), ctypes.addressof(self._program))
        self._socket.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, pointer)
        self._socket.bind(("lo", _ALL_PROTOCOLS))
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def seen(self) -> list[str]:
        """Those since the last time, as `UDP to 192.0.2.9, port 53`."""
        found: list[str] = []
        with suppress(BlockingIOError):
            while True:
                found.append(_described(*self._socket.recvfrom(65535)))
        return found


def _described(packet: bytes, origin: tuple[str, int, int, int, bytes]) -> str:
    if origin[1] == 0x0800:
        protocol, end = packet[9], (packet[0] & 0xF) * 4
        target = socket.inet_ntoa(packet[16:20])
    elif origin[1] == 0x86DD:
        protocol, end = packet[6], 40
        target = socket.inet_ntop(socket.AF_INET6, packet[24:40])
    else:
        return f"a frame of protocol {origin[1]:#06x}"
    port = int.from_bytes(packet[end + 2 : end + 4], "big")
    if protocol not in _SHOWN:
        return f"IP protocol {protocol} to {target}"
    return f"{_SHOWN[protocol]} to {target}, port {port}"
