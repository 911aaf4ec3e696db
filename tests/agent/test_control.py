"""The agent answers those who know its token, and nobody else; what fails comes back as data."""

import http.client
import json
import logging
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from devkit.agent.control import ControlServer
from devkit.core.errors import DevkitError, MissingToolError
from devkit.core.ports import bind

TOKEN = "the-token"
LARGEST = 64 * 1024


def _fail(_: Mapping[str, Any]) -> Mapping[str, Any]:
    raise MissingToolError("there is no key", hint="set one", evidence=["a line", "another"])


def _break(_: Mapping[str, Any]) -> Mapping[str, Any]:
    raise ZeroDivisionError("a bug")


@pytest.fixture
def server() -> Iterator[ControlServer]:
    routes = {"/echo": lambda asked: {"asked": dict(asked)}, "/fail": _fail, "/break": _break}
    with ControlServer(bind(0), TOKEN, routes) as running:
        yield running


def ask(
    server: ControlServer, path: str, body: bytes = b"{}", *, method: str = "POST", **headers: str
) -> tuple[int, bytes]:
    """headers: with underscores; the token is added where Authorization is not among them"""
    given = {"Authorization": f"Bearer {TOKEN}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_route_gets_the_object_that_was_sent_and_its_answer_comes_back(server: ControlServer) -> None:
    status, body = ask(server, "/echo", b'{"verify": true}')
    assert (status, json.loads(body)) == (200, {"asked": {"verify": True}})
    assert json.loads(ask(server, "/echo", b"")[1]) == {"asked": {}}


@pytest.mark.parametrize("header", ["", "Bearer", f"bearer {TOKEN}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ä"])
def test_without_the_token_nothing_is_answered(server: ControlServer, header: str) -> None:
    for path in ("/echo", "/break", "/nowhere"):
        assert ask(server, path, Authorization=header) == (401, b"{}")


def test_it_listens_on_loopback_alone(server: ControlServer) -> None:
    assert server.address.startswith("127.0.0.1:")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/echo/", "/echo?x=1", "/x/../echo", "/%65cho"])
def test_what_is_no_route_is_not_found(server: ControlServer, path: str) -> None:
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_a_way_in(server: ControlServer, method: str) -> None:
    assert ask(server, "/echo", method=method)[0] == 501


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'"x"', b"null", b"\xff", b"[" * 50_000, b"a=b"])
def test_what_is_no_json_object_is_refused(server: ControlServer, body: bytes) -> None:
    assert ask(server, "/echo", body) == (400, b"{}")


def test_a_body_may_have_64_kib(server: ControlServer) -> None:
    longest = json.dumps({"x": "y" * (LARGEST - len('{"x": ""}'))}).encode()
    assert len(longest) == LARGEST
    assert ask(server, "/echo", longest)[0] == 200


@pytest.mark.parametrize("length", [str(LARGEST + 1), "99999999999999999999", "-1", "1e3", "²", "0x10"])
def test_a_length_that_is_too_large_or_none_is_refused_without_reading(server: ControlServer, length: str) -> None:
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode("latin-1"))
        assert connection.makefile("rb").readline().split()[1] == b"400"


def test_a_failure_comes_back_as_data(server: ControlServer) -> None:
    status, body = ask(server, "/fail")
    assert status == 409
    expected = {"message": "there is no key", "hint": "set one", "evidence": ["a line", "another"]}
    assert json.loads(body) == {**expected, "exit_code": 4}


def test_a_bug_is_logged_and_not_told(server: ControlServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "devkit.agent"):
        assert ask(server, "/break") == (500, b"{}")
    assert "the request /break failed" in caplog.text
    assert "ZeroDivisionError: a bug" in caplog.text
    assert ask(server, "/echo")[0] == 200


def test_a_failure_without_hint_is_data_too(server: ControlServer) -> None:
    routes = {"/fail": _raise_plain}
    with ControlServer(bind(0), TOKEN, routes) as plain:
        assert json.loads(ask(plain, "/fail")[1]) == {"message": "no", "hint": None, "evidence": [], "exit_code": 1}


def _raise_plain(_: Mapping[str, Any]) -> Mapping[str, Any]:
    raise DevkitError("no")
