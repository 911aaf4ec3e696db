"""Everything but Stripe's webhook of the own app ends at the gateway: over a real socket, byte by byte."""

import asyncio
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.agent.gateway.app import Gateway
from devkit.core.contract import contract
from tests.agent.gateway.conftest import APP, OTHER_APP, WEBHOOK, Wire, request

OTHERS = [operation for operation in contract().operations.values() if operation.id != "appStripeWebhook"]

#: Spellings of the webhook's path, or of one that a careless proxy would make of it.
TRICKS = [
    "/",
    "*",
    "",
    f"{WEBHOOK}/",
    f"/{WEBHOOK}",
    f"/.{WEBHOOK}",
    f"/x/..{WEBHOOK}",
    f"{WEBHOOK}/.",
    f"{WEBHOOK}/..",
    f"{WEBHOOK}/../webhook",
    f"{WEBHOOK}/../api-key",
    f"{WEBHOOK}/../../../../meters",
    f"{WEBHOOK}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/meters",
    f"{WEBHOOK}%2f..%2f..%2f..%2f..%2fmeters",
    f"{WEBHOOK}%2F%2E%2E",
    f"{WEBHOOK}%252f..",
    f"{WEBHOOK}%00",
    f"{WEBHOOK}%0d%0aX: y",
    f"{WEBHOOK}%20",
    f"{WEBHOOK};a=b",
    f"{WEBHOOK}#",
    f"{WEBHOOK}#/../../../../meters",
    f"{WEBHOOK}?a=b",
    f"{WEBHOOK}??",
    f"{WEBHOOK}%3fa=b",
    f"{WEBHOOK}\\..\\..",
    f"{WEBHOOK}.json",
    f"{WEBHOOK}{WEBHOOK}",
    WEBHOOK.upper(),
    WEBHOOK.replace("/", "//"),
    WEBHOOK.replace("/", "%2f"),
    WEBHOOK.replace("/", "\\"),
    WEBHOOK.replace("/stripe", "//stripe"),
    WEBHOOK.replace("/stripe", "/./stripe"),
    WEBHOOK.replace("/stripe", "/../../meters/stripe"),
    WEBHOOK.replace("api", "%61pi"),
    WEBHOOK.replace("v1", "v2"),
    WEBHOOK.replace("webhook", "webhoo%6b"),
    WEBHOOK.replace(APP, OTHER_APP),
    WEBHOOK.replace(APP, APP.lower()),
    WEBHOOK.replace(APP, f"{APP}%2f..%2f{APP}"),
    WEBHOOK.replace(APP, "{id}"),
    WEBHOOK.replace(APP, ""),
    WEBHOOK.replace(APP, ".."),
    WEBHOOK.removeprefix("/"),
    f"http://gateway{WEBHOOK}",
    f"HTTP://gateway{WEBHOOK}/../../../../meters",
    "http://gateway/api/v1/meters",
    f"http://gateway@other{WEBHOOK}",
    f"//gateway{WEBHOOK}",
    f"gateway:80{WEBHOOK}",
    f"file://{WEBHOOK}",
]


@pytest.mark.parametrize("fill", [APP, "any", "%2e%2e", f"x{WEBHOOK}"])
def test_no_other_operation_passes(wire: Wire, fill: str) -> None:
    assert len(OTHERS) == 152
    answers = {
        operation.id: wire.send(request(re.sub(r"{\w+}", fill, operation.path), method=operation.method))
        for operation in OTHERS
    }

    assert {id_: answer for id_, answer in answers.items() if answer != [404]} == {}
    assert wire.behind.seen == []


def test_no_other_operation_passes_behind_the_webhooks_path(wire: Wire) -> None:
    """As a query, a fragment, an absolute address, or with dots, after what is allowed."""
    for operation in OTHERS:
        path = re.sub(r"{\w+}", APP, operation.path)
        for target in (
            f"{WEBHOOK}/../../../../../..{path}",
            f"{WEBHOOK}?{path}",
            f"{WEBHOOK}#{path}",
            f"http://g{path}",
        ):
            assert wire.send(request(target, method=operation.method)) == [404], target
    assert wire.behind.seen == []


@pytest.mark.parametrize("target", TRICKS)
def test_no_other_spelling_of_the_path_passes(wire: Wire, target: str) -> None:
    assert wire.send(request(target)) in ([404], [400])
    assert wire.behind.seen == []


@pytest.mark.parametrize("target", [b"\xc0\xae", WEBHOOK.encode() + b"\xff", b"/\x00" + WEBHOOK.encode(), b"/a b"])
def test_bytes_that_are_no_path_do_not_pass(wire: Wire, target: bytes) -> None:
    assert wire.send(request(target)) in ([404], [400])
    assert wire.behind.seen == []


@pytest.mark.parametrize(
    "method",
    ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "Post", "POSTX", "PROPFIND"],
)
def test_no_other_method_passes(wire: Wire, method: str) -> None:
    assert wire.send(request(WEBHOOK, method=method)) in ([404], [400])
    assert wire.behind.seen == []


HIDDEN = request("/api/v1/meters", method="GET", body=b"")

#: Two readings of one length, each of which hides HIDDEN from one of two parsers.
SMUGGLED = {
    "two lengths": {"Content-Length": "0\r\nContent-Length: {n}"},
    "a list of lengths": {"Content-Length": "0, {n}"},
    "length and chunks": {"Content-Length": "{n}", "Transfer-Encoding": "chunked"},
    "chunks": {"Content-Length": "{n}\r\nTransfer-Encoding: chunked"},
    "spelled otherwise": {"Content-Length": "{n}", "Transfer-Encoding": "xchunked"},
    "chunks twice": {"Transfer-Encoding": "chunked, chunked"},
    "chunks of identity": {"Transfer-Encoding": "identity"},
    "a tab before": {"Transfer-Encoding": "\tchunked"},
    "a sign": {"Content-Length": "+{n}"},
    "a negative length": {"Content-Length": "-1"},
    "a hexadecimal length": {"Content-Length": "0x10"},
    "an underscore": {"Content-Length": "1_0"},
    "an endless length": {"Content-Length": "9" * 40},
    "a space before the colon": {"Content-Length ": "0"},
    "a folded header": {"X": "y\r\n Transfer-Encoding: chunked", "Content-Length": "{n}\r\n\t0"},
    "a bare line feed": {"X": "y\nTransfer-Encoding: chunked"},
    "a bare carriage return": {"X": "y\rTransfer-Encoding: chunked"},
    "a zero byte": {"X": "y\x00"},
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_no_request_hides_in_the_length_of_another(wire: Wire, how: str) -> None:
    body = b"0\r\n\r\n" + HIDDEN
    headers = {name: value.replace("{n}", str(len(body))) for name, value in SMUGGLED[how].items()}
    wire.send(request(WEBHOOK, headers={"Connection": "keep-alive", **headers}, body=body), quiet=1.5)

    assert [seen.target for seen in wire.behind.seen if seen.target != WEBHOOK or seen.method != "POST"] == []
    assert all(len(seen.body) <= len(body) for seen in wire.behind.seen)


@pytest.mark.parametrize("how", ["two lengths", "length and chunks", "chunks twice", "a sign", "an endless length"])
def test_a_length_in_doubt_is_refused(wire: Wire, how: str) -> None:
    headers = {name: value.replace("{n}", "2") for name, value in SMUGGLED[how].items()}
    (status,) = wire.send(request(WEBHOOK, headers=headers))

    assert 400 <= status < 500 or status == 501
    assert wire.behind.seen == []


@pytest.mark.parametrize("length", ["", "Content-Length: 3\r\n", "Content-Length: 13\r\n"])
def test_chunks_are_refused_even_where_they_are_well_formed(wire: Wire, length: str) -> None:
    head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: g\r\n{length}Transfer-Encoding: chunked\r\n\r\n"

    assert wire.send(head.encode() + b"3\r\nabc\r\n0\r\n\r\n") in ([411], [400])
    assert wire.behind.seen == []


def test_a_request_behind_the_webhooks_body_is_one_of_its_own_and_refused(wire: Wire) -> None:
    together = request(WEBHOOK, headers={"Connection": "keep-alive"}, body=b"body") + HIDDEN

    assert wire.send(together) == [202, 404]
    assert [(seen.target, seen.body) for seen in wire.behind.seen] == [(WEBHOOK, b"body")]


def test_a_request_within_the_webhooks_body_is_only_a_body(wire: Wire) -> None:
    assert wire.send(request(WEBHOOK, body=HIDDEN)) == [202]
    assert [(seen.target, seen.body) for seen in wire.behind.seen] == [(WEBHOOK, HIDDEN)]


def test_a_refused_request_takes_the_rest_of_its_connection_with_it(wire: Wire) -> None:
    keep = {"Connection": "keep-alive"}
    assert wire.send(request("/api/v1/meters", headers=keep) + request(WEBHOOK, headers=keep)) == [404]
    assert wire.behind.seen == []


@pytest.mark.parametrize(
    "start",
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\r\n\r\n", f"POST {WEBHOOK}\r\n\r\n".encode(), b"\x16\x03\x01\x02"],
)
def test_no_other_protocol_passes(wire: Wire, start: bytes) -> None:
    assert wire.send(start) in ([400], [404], [])
    assert wire.behind.seen == []


@given(st.one_of(st.binary(max_size=80), st.text(max_size=20).map(lambda tail: WEBHOOK.encode() + tail.encode())))
def test_no_path_but_the_one_is_let_in(path: bytes) -> None:
    """Without a socket, which would not carry most of these."""
    gateway = Gateway("http://127.0.0.1:9")
    gateway.admit([APP])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing of the body is read")

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        scope = {"type": "http", "method": "POST", "raw_path": path, "query_string": b"", "headers": []}
        await gateway(scope, receive, send)

    asyncio.run(call())
    assert sent[0]["status"] == (411 if path == WEBHOOK.encode() else 404)
