"""All by which an instance is reached from outside: stand-ins, gateway, tunnel, webhook keeper and control server."""

import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from devkit.adapters.tunnels.base import Standing, Tunnel
from devkit.agent.control import ControlServer
from devkit.agent.gateway.app import Gateway
from devkit.agent.gateway.server import GatewayServer
from devkit.agent.keeper import Keeper
from devkit.agent.saying import Saying
from devkit.agent.stand_ins import TOKEN, StandIns, bound, reserved_address
from devkit.agent.tunnel_supervisor import Report, Supervisor
from devkit.core.instance import Instance
from devkit.core.outside import Outside, TunnelReport, read_outside
from devkit.core.processes import this_process
from devkit.core.secrets_file import keep_secrets, read_secrets
from devkit.core.state import State, timestamp

if TYPE_CHECKING:
    from devkit.agent.serving import Server
    from devkit.stripe_app.place import Place

GATEWAY, STRIPE, PUBLIC = 7, 8, 9  # where in the instance's block of ports each is, where that is free

_STRIPE_BASE = "DEVKIT_STRIPE_API_BASE"
_PROXY_FREE = "127.0.0.1,localhost"

_log = logging.getLogger("devkit.agent")


class OutsideWork:
    """Open from the moment that it is entered until it is left. A context manager.

    server: OpenMeter, where it is in this very process
    """

    def __init__(self, instance: Instance, state: State, server: "Server | None") -> None:
        self._instance = instance
        self._state = state
        self._server = server
        self._parts = ExitStack()
        self._stand_ins: StandIns | None = None
        self._address = state.public_url
        before = read_outside(instance)
        self._before = before if before and before.wish.offline == state.wish.offline else None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._open(opening)
            self._parts = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()
        self._saying.change(tunnel=TunnelReport(problem="the agent has ended", hint="devkit up starts it"))

    def _open(self, parts: ExitStack) -> None:
        _leave_proxies_out()
        first = Outside(wish=self._state.wish, process=this_process(), token=secrets.token_urlsafe(24))
        self._saying = Saying(self._instance, first)
        if self._before:
            self._saying.change(webhook=self._before.webhook)
        if self._state.wish.offline:
            self._start_stand_ins(parts)
        elif self._state.wish.stripe_base:
            os.environ[_STRIPE_BASE] = self._state.wish.stripe_base
        self._gateway = Gateway(self._state.url, name=self._state.identity)
        self._gateway.admit([self._saying.last.webhook.app] if self._saying.last.webhook.app else [])
        server = parts.enter_context(GatewayServer(self._gateway, bound(self._port("gateway", GATEWAY))))
        self._keeper = Keeper(self._saying, self._place, self._gateway.taken)
        self._supervisor = Supervisor(Remade(self._tunnel), server.port, self._heard)
        routes = {"/stripe/sync": self._keeper.sync, "/tunnel/restart": self._restart_tunnel}
        control = parts.enter_context(ControlServer(bound(0), first.token, routes))
        self._saying.change(gateway=server.port, control=control.port)
        parts.enter_context(self._keeper)
        parts.enter_context(self._supervisor)

    def _start_stand_ins(self, parts: ExitStack) -> None:
        stand_ins = StandIns(self._instance, keep_secrets(self._instance).offline_key, self._port("stripe", STRIPE))
        self._stand_ins = parts.enter_context(stand_ins)
        os.environ[_STRIPE_BASE] = f"http://127.0.0.1:{stand_ins.stripe_port}"
        self._saying.change(stripe=stand_ins.stripe_port)
        if self._state.backend == "compose":
            from devkit.agent.containers import listen_for_containers

            listener, certificate = listen_for_containers(self._instance, self._remembered("stripe_outside"))
            self._saying.change(stripe_outside=stand_ins.serve_containers(listener, certificate))

    def _tunnel(self) -> Tunnel:
        """Made anew for each start: the token may be another one by now. Raises DevkitError."""
        wish, folder = self._state.wish, self._instance.folder
        if self._stand_ins is not None:
            from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel

            settings = NgrokSettings(self._stand_ins.ngrok, folder / "ngrok.yml", TOKEN)
            NgrokTunnel(settings).stop()  # one that a killed agent left may still have the address
            return NgrokTunnel(replace(settings, url=reserved_address(self._public_port())))
        from devkit.adapters.tunnels.choice import Wanted, choose

        token = read_secrets(self._instance).ngrok_token
        environment = {**os.environ, **({"NGROK_AUTHTOKEN": token} if token else {})}
        private = bool(wish.stripe_base)
        return choose(Wanted(wish.provider, wish.url, folder, self._state.identity, private), environment).tunnel

    @contextmanager
    def _place(self, url: str) -> "Iterator[Place]":
        from devkit.adapters.openmeter import OpenMeter
        from devkit.adapters.stripe import access_of
        from devkit.core.machine import is_alive, machine_id
        from devkit.stripe_app.ownership import Owner
        from devkit.stripe_app.place import Place

        access = access_of(read_secrets(self._instance), self._saying.last)
        owner = Owner(self._state.identity, machine_id(), self._instance.name)
        with OpenMeter(self._state.url) as openmeter:
            yield Place(
                openmeter,
                access,
                url,
                owner,
                self._gateway.admit,
                alive=lambda other: other.instance == owner.instance or is_alive(other.instance),
                renew=self._renew,
                taken=self._gateway.taken,
                refused=self._gateway.refused,
            )

    def _renew(self, app: str, endpoint: str, secret: str) -> None:
        if self._server is not None:
            self._server.renew_webhook(app, endpoint, secret)
            return
        from devkit.adapters.backends.compose.webhook_secret import renew_webhook

        renew_webhook(self._instance, app, endpoint, secret)

    def _heard(self, report: Report) -> None:
        told = TunnelReport(report.url, report.problem, report.hint, report.attempt, timestamp(), report.exit_code)
        self._saying.change(tunnel=told)
        if report.url is None:
            _log.warning("the tunnel is down: %s", report.problem)
            return
        _log.info("reached at %s", report.url)
        self._address = report.url
        if self._server is not None:
            self._server.reached_at(report.url)
        self._keeper.look_now()

    def _restart_tunnel(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._saying.change(tunnel=TunnelReport(problem="the tunnel is opened anew", since=timestamp()))
        self._supervisor.restart()
        return {}

    def _port(self, name: str, offset: int) -> int:
        """The port of last time, else the one in the instance's block."""
        return self._remembered(name) or self._state.ports["openmeter"] + offset

    def _remembered(self, name: str) -> int:
        return int(getattr(self._before, name)) if self._before else 0

    def _public_port(self) -> int:
        """Where the stand-in of ngrok had its public address last, so that it stays the same."""
        _, _, port = self._address.rpartition(":")
        return int(port) if port.isdigit() else self._state.ports["openmeter"] + PUBLIC


class Remade:
    """A tunnel that is made anew for each start."""

    def __init__(self, make: Callable[[], Tunnel]) -> None:
        self._make = make
        self._tunnel: Tunnel | None = None
        self.provider = ""

    def start(self, port: int) -> str | None:
        """Raises DevkitError."""
        self.stop()
        self._tunnel = self._make()
        self.provider = self._tunnel.provider
        return self._tunnel.start(port)

    def standing(self) -> Standing:
        return self._tunnel.standing() if self._tunnel else Standing(None, "the tunnel is not started")

    def stop(self) -> None:
        if self._tunnel is not None:
            self._tunnel.stop()


def _leave_proxies_out() -> None:
    """What the agent asks on this machine must not go through the proxy that the environment names."""
    for name in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(name, "")
        os.environ[name] = f"{given},{_PROXY_FREE}" if given else _PROXY_FREE
