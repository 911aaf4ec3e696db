"""Where on this machine something must listen so that containers reach it, and nobody from outside does."""

import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from docker.errors import DockerException, NotFound

from devkit.adapters.docker.engine import Engine
from devkit.adapters.docker.failures import explained
from devkit.core.errors import DevkitError

LOOPBACK = "127.0.0.1"

_LOCAL = frozenset({"unix", "npipe", "http+unix"})
_WAY_OUT = "devkit up --offline --backend embedded needs no engine"


def stripe_listen_address(engine: Engine) -> str:
    """The address at which the agent serves Stripe's stand-in to containers, which call it by `host-gateway`.

    That is the engine's own bridge where the engine runs on this machine, and the loopback address where it runs in a
    machine of its own that forwards to it (Docker Desktop and its like). Raises DevkitError where containers cannot
    reach this machine, with a way out.
    """
    if _is_elsewhere(engine.endpoint.host):
        raise _unreachable(f"the engine at {engine.endpoint.host} is on another machine")
    try:
        info: Mapping[str, Any] = engine.client.info()
        if _forwards_to_loopback(info):
            return LOOPBACK
        address = _gateway(engine)
    except (DockerException, requests.RequestException) as error:
        raise explained([str(getattr(error, "explanation", None) or error)], what="the engine refused") from error
    if reason := _why_not(engine, info):
        raise _unreachable(reason)
    if not address:
        raise _unreachable("the engine has no bridge of its own (dockerd --bridge=none)")
    if not _is_ours(address):
        raise _unreachable(f"the engine's bridge {address} is not on this machine")
    return address


def _is_elsewhere(host: str) -> bool:
    parts = urlsplit(host)
    return parts.scheme not in _LOCAL and parts.hostname not in (LOOPBACK, "localhost", "::1")


def _forwards_to_loopback(info: Mapping[str, Any]) -> bool:
    """Outside of Linux every engine is in a machine of its own."""
    return sys.platform in ("darwin", "win32") or info.get("OperatingSystem") == "Docker Desktop"


def _why_not(engine: Engine, info: Mapping[str, Any]) -> str:
    if engine.product != "Docker":
        return f"{engine.product} gives its containers no address of this machine that can be found out"
    if any("rootless" in str(option) for option in info.get("SecurityOptions") or ()):
        return "a rootless engine has its bridge in a network of its own"
    if info.get("Name") != socket.gethostname():
        return f"the engine runs in another machine or container ({info.get('Name')})"
    return ""


def _gateway(engine: Engine) -> str:
    """The IPv4 address of its bridge on its own machine, empty where it has none."""
    try:
        bridge: Mapping[str, Any] = engine.client.api.inspect_network("bridge")
    except NotFound:
        return ""
    rows = (bridge.get("IPAM") or {}).get("Config") or ()
    return next((str(row["Gateway"]) for row in rows if "." in str(row.get("Gateway") or "")), "")


def _is_ours(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _unreachable(reason: str) -> DevkitError:
    return DevkitError(
        f"containers cannot reach Stripe's stand-in on this machine: {reason}",
        hint=f"{_WAY_OUT}; or use this machine's own Docker engine (docker context use default)",
    )
