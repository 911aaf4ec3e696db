"""The user's own public address: a proxy, a forwarded port of an online workspace, a tunnel that runs elsewhere."""

import ipaddress
from urllib.parse import urlsplit

from devkit.adapters.tunnels.base import Standing
from devkit.adapters.tunnels.reach import problem_with
from devkit.core.errors import DevkitError, UsageError

_HINT = "give the address that leads to devkit's gateway from outside, as https://openmeter.example.com"
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa")


class StaticTunnel:
    """An address that is there without devkit's doing; whether it leads here is all that is looked at."""

    provider = "static"

    def __init__(self, url: str, *, gateway: str = "", allow_private: bool = False) -> None:
        """gateway: the name that the gateway gives itself, empty for an address that is not tried.

        allow_private: whether it may be on this machine or network, which only a stand-in of Stripe reaches.
        Raises UsageError.
        """
        self.url = checked_url(url, allow_private=allow_private)
        self._gateway = gateway
        self._port = 0

    def start(self, port: int) -> str:
        """Raises DevkitError where the address does not lead here (yet)."""
        self._port = port
        standing = self.standing()
        if standing.problem:
            raise DevkitError(standing.problem, hint="start what forwards it, then devkit up again")
        return self.url

    def standing(self) -> Standing:
        if not self._port:
            return Standing(None, "the tunnel is not started")
        problem = problem_with(self.url, self._gateway) if self._gateway else ""
        if problem:
            return Standing(None, f"{problem}; it must forward to http://127.0.0.1:{self._port}")
        return Standing(self.url)

    def stop(self) -> None:
        """The address is the user's."""
        self._port = 0


def checked_url(url: str, *, allow_private: bool = False) -> str:
    """The address in the form that others build on: no slash at its end. Raises UsageError, which quotes no secret."""
    given = url.strip()
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("the public address is no URL", hint=_HINT) from None
    if parts.username is not None or parts.password is not None:
        raise UsageError("the public address holds a name or a password, which Stripe would store", hint=_HINT)
    if parts.scheme not in ("http", "https") or not host or port == 0 or not given.isprintable() or " " in given:
        raise UsageError(f"the public address {given!r} is no http or https URL", hint=_HINT)
    if parts.query or parts.fragment or "?" in given or "#" in given:
        raise UsageError("the public address has a query or a fragment: webhook paths are added at its end", hint=_HINT)
    if not allow_private and not _is_public(host):
        raise UsageError(f"Stripe cannot reach {host}: it is an address of this machine or network", hint=_HINT)
    return given.rstrip("/")


def _is_public(host: str) -> bool:
    """By its form alone: no name is looked up."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not name.endswith(_PRIVATE_ENDINGS) and not name.replace(".", "").isdecimal()
