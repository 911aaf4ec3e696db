"""The routes beside the contract: the document itself, version, health, and what devkit asks of its own server."""

import os
import platform
import sys
from collections.abc import Callable, Mapping

from devkit.core.data import data_path
from devkit.embedded.http.calls import Reply
from devkit.embedded.http.clock_control import ClockControl
from devkit.embedded.http.encoding import json_bytes

Answer = Callable[[bytes, Mapping[str, str]], Reply]  # (body, headers with names in lower case)

#: What stands below is for this machine alone.
LOCAL = "/_devkit/"
_MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
_OK = Reply(200, "ok", media_type="text/plain; charset=utf-8")


class OwnRoutes:
    """instance: the token by which the owner of this server knows it again."""

    def __init__(self, version: str, instance: str, clock: ClockControl) -> None:
        self._version = version
        self._instance = instance
        self._gets: dict[str, Callable[[], Reply]] = {
            "/version": self._version_reply,
            "/api/swagger.json": _document,
            "/healthz": lambda: _OK,
            "/healthz/live": lambda: _OK,
            "/healthz/ready": lambda: _OK,
            "/_devkit/instance": self._instance_reply,
            "/_devkit/clock": clock.show,
        }
        self._posts: dict[str, Answer] = {"/_devkit/clock": clock.move}

    def get(self, path: str) -> Callable[[], Reply] | None:
        """What answers a GET, quickly."""
        return self._gets.get(path)

    def post(self, path: str) -> Answer | None:
        """What answers a POST; it may take a while."""
        return self._posts.get(path)

    def _version_reply(self) -> Reply:
        """OpenMeter names no content type here; Go then guesses one."""
        machine = platform.machine()
        body = {"version": self._version, "os": sys.platform, "arch": _MACHINES.get(machine, machine)}
        return Reply(200, json_bytes(body), media_type="text/plain; charset=utf-8")

    def _instance_reply(self) -> Reply:
        return Reply(200, {"instance": self._instance, "version": self._version, "pid": os.getpid()})


def _document() -> Reply:
    return Reply(200, data_path("assets/openapi.json").read_bytes())
