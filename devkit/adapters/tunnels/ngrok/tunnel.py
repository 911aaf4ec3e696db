"""The tunnel itself: one agent, one endpoint, both known by the configuration file that only this tunnel uses."""

import logging
import threading
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pyngrok import conf, ngrok
from pyngrok.exception import PyngrokError, PyngrokNgrokHTTPError

from devkit.adapters.tunnels.base import Standing
from devkit.adapters.tunnels.ngrok import failures
from devkit.adapters.tunnels.ngrok.token import write_configuration
from devkit.core.errors import DevkitError, UsageError
from devkit.core.processes import Process, end, is_alive, running_with

DEADLINE_SECONDS = 20.0

_GRACE = 3.0  # seconds for the agent to take leave of its server, so that the next start is not one too many
_LOOK_SECONDS = 2.0
_LINES_KEPT = 100
_ENDPOINT = "devkit"

# Without a handler of its own Python prints the agent's errors on stderr.
logging.getLogger("pyngrok").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class NgrokSettings:
    """binary: the agent; file: the configuration to write, in a private folder; url: a reserved domain, or empty."""

    binary: Path
    file: Path
    token: str = field(default="", repr=False)
    url: str = ""
    deadline: float = DEADLINE_SECONDS


class NgrokTunnel:
    """Runs while this process does: the agent is its child. An agent that an earlier process left is ended first."""

    provider = "ngrok"

    def __init__(self, settings: NgrokSettings) -> None:
        self._settings = settings
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._agent: Process | None = None
        self._api = ""

    def start(self, port: int) -> str:
        self.stop()
        _refuse_proxies()
        settings = self._settings
        self._lines.clear()
        try:
            write_configuration(settings.file, settings.token)
        except OSError as error:
            raise DevkitError(f"cannot write {settings.file}: {error.strerror or error}") from error
        try:
            tunnel = self._connected(port)
            self._agent, self._api = self._running(), str(tunnel.api_url)
        except BaseException:
            self.stop()
            raise
        return str(tunnel.public_url).rstrip("/")

    def standing(self) -> Standing:
        if self._agent is None:
            return Standing(None, "the tunnel is not started")
        # Never through pyngrok: it would start another agent in the place of a dead one.
        if not is_alive(self._agent):
            return Standing(None, "the ngrok agent has ended")
        try:
            with httpx.Client(trust_env=False, timeout=_LOOK_SECONDS) as client:
                found = client.get(f"{self._api}/api/endpoints").raise_for_status().json()["endpoints"]
            urls = [str(each["url"]).rstrip("/") for each in found if each.get("name") == _ENDPOINT]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            return Standing(None, "the ngrok agent does not answer")
        return Standing(urls[0]) if urls else Standing(None, "the ngrok agent has closed the endpoint")

    def stop(self) -> None:
        """Raises DevkitError where an agent belongs to another user."""
        for agent in self._agents():
            end(agent, grace=_GRACE)
        self._agent, self._api = None, ""
        self._settings.file.unlink(missing_ok=True)

    def _agents(self) -> list[Process]:
        return [agent for agent, _ in running_with(["--config", str(self._settings.file)])]

    def _running(self) -> Process:
        """The agent that runs now. Raises DevkitError where it ended right away."""
        agents = self._agents()
        if not agents:
            raise failures.refused("", list(self._lines), self._settings.token)
        return agents[0]

    def _connected(self, port: int) -> ngrok.NgrokTunnel:
        """Opens the endpoint within the deadline: pyngrok's own is not kept by an agent that prints nothing."""
        outcome: list[Any] = []
        thread = threading.Thread(target=self._connect, args=(port, outcome), daemon=True)
        thread.start()
        thread.join(self._settings.deadline)
        if not outcome:
            lines = list(self._lines)
            for agent in self._agents():
                end(agent, grace=_GRACE)
            thread.join(_GRACE)  # the end of the agent ends pyngrok's reading
            raise failures.too_late(self._settings.deadline, lines, self._settings.token)
        (result,) = outcome
        if isinstance(result, (PyngrokError, OSError)):
            body = result.body if isinstance(result, PyngrokNgrokHTTPError) else ""
            raise failures.refused(f"{result} {body}", list(self._lines), self._settings.token) from None
        if isinstance(result, BaseException):
            raise result
        opened: ngrok.NgrokTunnel = result
        return opened

    def _connect(self, port: int, outcome: list[Any]) -> None:
        options = {"url": _with_scheme(self._settings.url)} if self._settings.url else {}
        try:
            opened = ngrok.connect(
                f"http://127.0.0.1:{port}", name=_ENDPOINT, pyngrok_config=self._configuration(), **options
            )
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is waited for
            outcome.append(error)
        else:
            outcome.append(opened)

    def _configuration(self) -> conf.PyngrokConfig:
        settings = self._settings
        made = conf.PyngrokConfig(
            ngrok_path=str(settings.binary),
            config_path=str(settings.file),
            monitor_thread=True,  # else the agent blocks once its output fills the pipe
            log_event_callback=lambda log: self._lines.append(log.line),
            startup_timeout=int(settings.deadline) + 1,
        )
        # Taken from the environment, it would stand in the agent's command line.
        made.auth_token = made.api_key = None
        return made


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _refuse_proxies() -> None:
    """pyngrok asks the agent through the proxy that the environment names. Raises UsageError."""
    if urllib.request.getproxies().get("http") and not urllib.request.proxy_bypass("127.0.0.1"):
        raise UsageError(
            "HTTP_PROXY would take the requests to the ngrok agent on this machine",
            hint="export NO_PROXY=127.0.0.1,localhost",
        )
