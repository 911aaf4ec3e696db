"""The agent without its wire: endpoints are opened, listed and closed."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from devkit.core.ports import HOST
from devkit.standins.ngrok.proxy import Proxy

_OPTIONS = frozenset({"name", "url", "upstream", "metadata", "description", "pooling_enabled", "traffic_policy"})
_OPTIONS_OF_TUNNELS = frozenset({"name", "addr", "proto", "domain", "hostname", "inspect", "metadata", "schemes"})
_REQUESTS_KEPT = 500
_SHARED_ADDRESS = "the endpoint {url} is already online. ERR_NGROK_334"


class AgentError(Exception):
    """What the API answers in place of a result."""

    def __init__(self, status: int, code: int, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail or message
        self.body = {"error_code": code, "status_code": status, "msg": message, "details": {"err": self.detail}}


@dataclass
class Endpoint:
    """An open endpoint. metadata: as the caller gave it."""

    name: str
    upstream: str
    metadata: str
    proxy: Proxy

    @property
    def url(self) -> str:
        return self.proxy.url

    def shown(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "uri": f"/api/endpoints/{self.name}",
            "url": self.url,
            "upstream": {"url": self.upstream, "protocol": "http1"},
            "metadata": self.metadata,
        }

    def shown_as_tunnel(self) -> dict[str, Any]:
        """The form of the second version of the configuration."""
        return {
            "name": self.name,
            "uri": f"/api/tunnels/{self.name}",
            "public_url": self.url,
            "proto": "http",
            "config": {"addr": self.upstream, "inspect": True},
            "metrics": {"conns": {"count": 0}, "http": {"count": 0}},
        }


class Agent:
    """Any number of endpoints, each with a reverse proxy of its own. Safe to use from several threads."""

    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REQUESTS_KEPT)
        self.refusals = 0  # how many endpoints are still to be refused as online already; -1: all
        self._endpoints: dict[str, Endpoint] = {}
        self._lock = threading.Lock()

    def open(self, options: Mapping[str, Any]) -> Endpoint:
        """options: those of an endpoint, or of a tunnel. Raises AgentError."""
        known = _OPTIONS if "upstream" in options else _OPTIONS_OF_TUNNELS
        unknown = sorted(set(options) - known)
        if unknown:
            raise AgentError(400, 102, "invalid tunnel configuration", f"unknown fields: {', '.join(unknown)}")
        upstream = _upstream(options)
        with self._lock:
            name = str(options.get("name") or f"endpoint-{len(self._endpoints) + 1}")
            if name in self._endpoints:
                raise AgentError(400, 102, "invalid tunnel configuration", f"an endpoint is named {name} already")
            endpoint = self._opened(name, upstream, options)
            self._endpoints[name] = endpoint
        return endpoint

    def all(self) -> list[Endpoint]:
        with self._lock:
            return list(self._endpoints.values())

    def get(self, name: str) -> Endpoint:
        """Raises AgentError (404)."""
        with self._lock:
            return self._found(name)

    def close(self, name: str) -> None:
        """Raises AgentError (404)."""
        with self._lock:
            endpoint = self._found(name)
            del self._endpoints[name]
        endpoint.proxy.close()

    def move(self) -> list[Endpoint]:
        """Every endpoint gets another address, as after an outage on an account without a domain of its own."""
        with self._lock:
            for endpoint in self._endpoints.values():
                old = endpoint.proxy
                endpoint.proxy = Proxy(endpoint.upstream, 0, self._note)
                old.close()
            return list(self._endpoints.values())

    def close_all(self) -> None:
        for endpoint in self.all():
            self.close(endpoint.name)

    def _opened(self, name: str, upstream: str, options: Mapping[str, Any]) -> Endpoint:
        url = str(options.get("url") or options.get("domain") or options.get("hostname") or "")
        if self.refusals:
            self.refusals -= 1 if self.refusals > 0 else 0
            raise _online(url or "asked for")
        try:
            proxy = Proxy(upstream, _port(url), self._note)
        except OSError as error:
            raise _online(url) from error
        return Endpoint(name, upstream, str(options.get("metadata", "")), proxy)

    def _found(self, name: str) -> Endpoint:
        if name not in self._endpoints:
            raise AgentError(404, 100, "resource not found", f"no endpoint is named {name}")
        return self._endpoints[name]

    def _note(self, method: str, target: str, status: int) -> None:
        self.requests.append({"request": {"method": method, "uri": target}, "response": {"status_code": status}})


def _online(url: str) -> AgentError:
    return AgentError(502, 103, "failed to start tunnel", _SHARED_ADDRESS.format(url=url))


def _upstream(options: Mapping[str, Any]) -> str:
    given = options["upstream"].get("url") if isinstance(options.get("upstream"), Mapping) else options.get("addr")
    address = str(given or "")
    url = address if "://" in address else f"http://{address if ':' in address else f'localhost:{address}'}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "http" and parts.port is not None and parts.hostname is not None
    except ValueError:
        usable = False
    if not usable:
        raise AgentError(400, 102, "invalid tunnel configuration", f"the stand-in forwards to http only, not {address}")
    return f"http://{parts.hostname}:{parts.port}"


def _port(url: str) -> int:
    """The port of a reserved address, 0 where none is asked for. Raises AgentError."""
    if not url:
        return 0
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme == "http" and parts.hostname == HOST and parts.port:
            return parts.port
    except ValueError:
        pass
    raise AgentError(
        400, 102, "invalid tunnel configuration", f"the stand-in has addresses at http://{HOST} only: {url}"
    )
