"""devkit with the outside: what an instance says of it, and the stand-ins that it goes to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import psutil
import stripe

from devkit.adapters.openmeter import OpenMeter
from devkit.core.agent_files import agent_of
from devkit.core.instance import Instance, instances_in
from devkit.core.processes import end, running_with
from tests.cli.program import Program
from tests.servers import first_of_free_block

Found = TypeVar("Found")

#: Nothing of the one who runs the tests may decide anything here. An empty variable is as good as none.
NOBODY = dict.fromkeys(("STRIPE_API_KEY", "NGROK_AUTHTOKEN", "NGROK_PATH", "HTTP_PROXY", "http_proxy"), "")


def wait_for(condition: Callable[[], Found], within: float = 60) -> Found:
    """What the condition gives once it holds. within: seconds, generous"""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
    return found


class Outsider(Program):
    """devkit in one folder, with a home of its own beside it."""

    @property
    def instance(self) -> Instance:
        return Instance(self.folder)

    def said(self) -> Any:
        """What the agent says."""
        return json.loads((self.instance.folder / "outside.json").read_text())

    def secrets(self) -> Any:
        return json.loads((self.instance.folder / "secrets.json").read_text())

    def up(self, *words: str) -> Any:
        return self("up", *words, "--output", "json").data

    def agent(self) -> psutil.Process:
        found = agent_of(self.instance)
        assert found is not None
        return psutil.Process(found.pid)

    def ngroks(self) -> list[psutil.Process]:
        """The agents of ngrok that serve the instance."""
        return [psutil.Process(each.pid) for each, _ in running_with(["--config", str(self.ngrok_file)])]

    @property
    def ngrok_file(self) -> Path:
        return self.instance.folder / "ngrok.yml"

    def tell_ngrok(self, control: str) -> None:
        """move or die; the stand-in's API is on one of the ports on which it listens."""
        (agent,) = self.ngroks()
        for each in agent.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN:
                base = f"http://127.0.0.1:{each.laddr.port}"
                if httpx.get(f"{base}/api/status", trust_env=False).status_code == httpx.codes.OK:
                    assert httpx.post(f"{base}/_standin/{control}", trust_env=False).status_code == httpx.codes.OK
                    return
        raise AssertionError("its API was not found")

    def openmeter(self) -> OpenMeter:
        return OpenMeter(self.state()["url"])

    @contextmanager
    def stripe(self, base: str = "", key: str = "") -> Iterator[stripe.StripeClient]:
        """The account of the instance, by the official SDK."""
        wire = stripe.RequestsClient(timeout=10)
        try:
            yield stripe.StripeClient(
                key or self.secrets()["offline_key"],
                base_addresses={"api": base or f"http://127.0.0.1:{self.said()['stripe']}"},
                stripe_version="2024-09-30.acacia",
                http_client=wire,
            )
        finally:
            wire.close()  # type: ignore[no-untyped-call]

    def endpoints(self) -> list[dict[str, Any]]:
        """The webhook endpoints of the account with --offline."""
        with self.stripe() as client:
            return [each.to_dict() for each in client.v1.webhook_endpoints.list().data]

    def fault(self, base: str = "", key: str = "", **given: Any) -> None:
        """The next requests to the stand-in of Stripe end so."""
        headers = {"Authorization": f"Bearer {key or self.secrets()['offline_key']}"}
        base = base or f"http://127.0.0.1:{self.said()['stripe']}"
        httpx.post(f"{base}/_standin/faults", json=given, headers=headers, trust_env=False).raise_for_status()

    def right(self) -> bool:
        """Whether the one webhook endpoint leads to the public address of now."""
        said = self.said()
        urls = [each["url"] for each in self.endpoints()]
        expected = f"{said['tunnel']['url']}/api/v1/apps/{said['webhook']['app']}/stripe/webhook"
        return bool(said["tunnel"]["url"]) and urls == [expected]


@contextmanager
def outsider(folder: Path) -> Iterator[Outsider]:
    """devkit in a folder in which it never ran; what runs there in the end is ended."""
    project = folder.resolve() / "project"
    project.mkdir()
    homes = {"HOME": str(folder / "home"), "XDG_STATE_HOME": str(folder / "state")}
    devkit = Outsider(project, first_of_free_block(), {**NOBODY, **homes})
    try:
        yield devkit
    finally:
        for instance in instances_in(project):
            if agent := agent_of(instance):
                end(agent, grace=10)
            for ngrok, _ in running_with(["--config", str(instance.folder / "ngrok.yml")]):
                end(ngrok, grace=3)


class Forwarder:
    """What a user runs: it takes connections on a public port and passes them on to the gateway.

    target: the port to which it leads; 0 for nowhere
    """

    def __init__(self) -> None:
        self.target = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as gateway:
            back = threading.Thread(target=_copy, args=(gateway, client), daemon=True)
            back.start()
            _copy(client, gateway)
            back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
