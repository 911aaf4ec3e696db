"""Which provider it is, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.adapters.tunnels.base import Tunnel
from devkit.adapters.tunnels.none import NoTunnel
from devkit.adapters.tunnels.static import StaticTunnel
from devkit.core.errors import MissingToolError, UsageError

PROVIDERS = ("auto", "ngrok", "static", "none")


@dataclass(frozen=True)
class Wanted:
    """provider: one of PROVIDERS; url: the user's own address, or ngrok's reserved domain.

    folder: private, for the files of the tunnel; gateway: the name that the gateway gives itself
    allow_private: whether the address may be on this machine, as with stand-ins
    """

    provider: str
    url: str
    folder: Path
    gateway: str = ""
    allow_private: bool = False


@dataclass(frozen=True)
class Chosen:
    tunnel: Tunnel
    reason: str


def choose(wanted: Wanted, environment: Mapping[str, str]) -> Chosen:
    """Nothing is started yet. Raises UsageError, and MissingToolError where ngrok was asked for and is not there."""
    match wanted.provider:
        case "none":
            return Chosen(NoTunnel(), "asked for")
        case "static" if wanted.url:
            return Chosen(_static(wanted), "asked for")
        case "static":
            raise UsageError("the tunnel static has no address", hint="give the public URL that leads to this machine")
        case "ngrok":
            return Chosen(_ngrok(wanted, environment), "asked for")
        case "auto":
            return _best(wanted, environment)
    raise UsageError(f"{wanted.provider!r} is no tunnel provider", hint=f"choose one of {', '.join(PROVIDERS)}")


def _best(wanted: Wanted, environment: Mapping[str, str]) -> Chosen:
    if wanted.url and ".ngrok" not in wanted.url:
        return Chosen(_static(wanted), "a public address is given")
    from devkit.adapters.tunnels.ngrok.token import find_token

    if not find_token(environment):
        return Chosen(NoTunnel(), "NGROK_AUTHTOKEN is not set and no public address is given")
    try:
        return Chosen(_ngrok(wanted, environment), "an ngrok authtoken is there")
    except MissingToolError as error:
        return Chosen(NoTunnel(), error.message)


def _static(wanted: Wanted) -> StaticTunnel:
    return StaticTunnel(wanted.url, gateway=wanted.gateway, allow_private=wanted.allow_private)


def _ngrok(wanted: Wanted, environment: Mapping[str, str]) -> Tunnel:
    from devkit.adapters.tunnels.ngrok.binary import find_binary
    from devkit.adapters.tunnels.ngrok.token import find_token
    from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel

    binary = find_binary(environment)
    file = wanted.folder.absolute() / "ngrok.yml"
    return NgrokTunnel(NgrokSettings(binary, file, find_token(environment), wanted.url))
