"""A stand-in that speaks TLS goes on whatever single callers do."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devkit.adapters.certificates import offline_certificates
from devkit.core.ports import bind
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn

AUTHORIZED = {"authorization": "Bearer sk_test_devkit"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    files = offline_certificates(tmp_path)
    with Server(StripeStandIn(), bind(0), certificate=(files.server, files.server)) as running:
        yield running


def account(server: Server) -> int:
    return httpx.get(f"{server.url}/v1/account", headers=AUTHORIZED, verify=False, timeout=5).status_code


def test_a_caller_that_says_nothing_keeps_nobody_waiting(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)):
        assert account(server) == 200


def test_a_caller_that_does_not_trust_it_is_nobodys_business(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="api.stripe.com")
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        plain.recv(100)
    assert account(server) == 200
    assert capfd.readouterr().err == ""
