"""Stripe's webhook of the own app passes: its body and signature as they are, and nothing that it was not asked for."""

import socket
from collections.abc import Callable

import httpx
import pytest

from devkit.adapters.tunnels.reach import problem_with
from devkit.agent.gateway.app import Bounds, Gateway
from devkit.agent.gateway.rate import Rate
from tests.agent.gateway.conftest import APP, NAME, OTHER_APP, WEBHOOK, Wire, request

Serve = Callable[..., Wire]

SIGNED = {
    "Stripe-Signature": "t=1,v1=abc",
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0",
}


def test_body_signature_and_answer_pass_as_they_are(wire: Wire) -> None:
    wire.behind.answer.update({"Content-Type": "application/problem+json", "Set-Cookie": "a=b", "Server": "inner"})
    wire.behind.status = 400
    body = b'{ "a" :\r\n 1 }\x00\xff'
    answer = httpx.post(f"http://127.0.0.1:{wire.port}{WEBHOOK}", content=body, headers=SIGNED, trust_env=False)

    assert (answer.status_code, answer.content) == (400, body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"set-cookie", "server", "x-upstream"} & set(answer.headers) == set()
    (seen,) = wire.behind.seen
    assert (seen.method, seen.target, seen.body) == ("POST", WEBHOOK, body)
    assert {name.lower(): value for name, value in SIGNED.items()}.items() <= dict(seen.headers).items()


def test_an_empty_body_passes(wire: Wire) -> None:
    assert wire.send(request(WEBHOOK, body=b"")) == [202]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", "/api/v1/meters"),
        ("X-Rewrite-URL", "/api/v1/meters"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Prefix", "/api/v1/meters"),
        ("Forwarded", "for=127.0.0.1"),
        ("Authorization", "Bearer x"),
        ("Cookie", "a=b"),
        ("Upgrade", "websocket"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ("Content-Encoding", "gzip"),
        ("Range", "bytes=0-1"),
        ("TE", "trailers"),
        ("Proxy-Authorization", "Basic x"),
    ],
)
def test_other_headers_stay_outside(wire: Wire, name: str, value: str) -> None:
    assert wire.send(request(WEBHOOK, headers={name: value})) == [202]
    (seen,) = wire.behind.seen
    assert (seen.method, seen.target) == ("POST", WEBHOOK)
    assert name.lower() not in dict(seen.headers)


def test_the_host_behind_is_told_its_own_name(wire: Wire) -> None:
    assert wire.send(request(WEBHOOK, headers={"Host": "evil.example.com", "Connection": "close, host"})) == [202]
    assert dict(wire.behind.seen[0].headers)["host"] == f"127.0.0.1:{wire.behind.port}"


@pytest.mark.parametrize("name", ["Stripe-Signature", "Content-Type", "User-Agent", "Host"])
def test_a_header_that_counts_comes_once(wire: Wire, name: str) -> None:
    assert wire.send(request(WEBHOOK, headers={name: f"a\r\n{name}: b"})) == [400]
    assert wire.behind.seen == []


def test_a_body_is_bounded_by_what_is_told_before_it_is_read(serve: Serve) -> None:
    wire = serve(Bounds(body=10))

    assert wire.send(request(WEBHOOK, body=b"x" * 10)) == [202]
    assert wire.send(request(WEBHOOK, body=b"x" * 11)) == [413]
    assert wire.send(request(WEBHOOK, headers={"Content-Length": "999999999999"}, body=b"")) == [413]
    assert [len(seen.body) for seen in wire.behind.seen] == [10]


def test_a_body_that_does_not_come_is_given_up(serve: Serve) -> None:
    wire = serve(Bounds(reading=0.2))
    with socket.create_connection(("127.0.0.1", wire.port), timeout=20) as slow:
        slow.sendall(request(WEBHOOK, headers={"Content-Length": "5"}, body=b"x"))
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
    assert wire.behind.seen == []


def test_more_than_the_burst_has_to_come_later(serve: Serve) -> None:
    wire = serve(Bounds(a_second=0.001, burst=3))
    answers = [wire.send(request(WEBHOOK)) for _ in range(5)]

    assert answers == [[202]] * 3 + [[429]] * 2
    assert b"retry-after: 1" in wire.exchange(request(WEBHOOK))
    assert len(wire.behind.seen) == 3
    assert wire.send(request("/")) == [404]


def test_what_does_not_pass_uses_up_nothing(serve: Serve) -> None:
    wire = serve(Bounds(a_second=0.001, burst=1))
    for _ in range(5):
        assert wire.send(request("/api/v1/meters")) == [404]
    assert wire.send(request(WEBHOOK)) == [202]


def test_a_server_that_is_down_is_a_502(wire: Wire) -> None:
    wire.gateway._upstream = "http://127.0.0.1:9"
    assert wire.send(request(WEBHOOK)) == [502]


def test_a_redirect_is_not_followed(wire: Wire) -> None:
    wire.behind.status = 307
    wire.behind.answer["Location"] = "/api/v1/meters"

    assert b"location" not in wire.exchange(request(WEBHOOK)).lower()
    assert [seen.target for seen in wire.behind.seen] == [WEBHOOK]


def test_an_answer_is_bounded(serve: Serve) -> None:
    wire = serve(Bounds(answer=10))
    assert wire.send(request(WEBHOOK, body=b"x" * 11)) == [502]


def test_only_the_apps_that_are_admitted_now_count(serve: Serve) -> None:
    wire = serve(apps=())
    assert wire.send(request(WEBHOOK)) == [404]
    wire.gateway.admit([OTHER_APP, APP])
    assert wire.send(request(WEBHOOK)) == [202]
    wire.gateway.admit([OTHER_APP])
    assert wire.send(request(WEBHOOK)) == [404]


@pytest.mark.parametrize("id_", ["", "..", "a/b", APP.lower(), f"{APP}0", f"{APP}\n", "{id}", "%2e%2e", "Z" * 26])
def test_what_is_no_id_is_not_admitted(id_: str) -> None:
    gateway = Gateway("http://127.0.0.1:9")
    with pytest.raises(ValueError, match="not the id of an app"):
        gateway.admit([APP, id_])
    assert gateway._paths == {}


def test_the_gateway_tells_who_it_is_in_its_own_answers_only(wire: Wire) -> None:
    url = f"http://127.0.0.1:{wire.port}"

    assert problem_with(url, NAME) == ""
    assert "another devkit instance" in problem_with(url, "another")
    assert b"devkit-gateway" not in wire.exchange(request(WEBHOOK)).lower()


def test_a_rate_recovers_with_time_up_to_its_burst() -> None:
    now = [0.0]
    rate = Rate(2, 3, lambda: now[0])
    assert [rate.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [rate.take(), rate.take()] == [True, False]
    now[0] = 1000
    assert [rate.take() for _ in range(4)] == [True, True, True, False]


def test_what_openmeter_took_and_what_it_refused_is_counted(wire: Wire) -> None:
    for status in (200, 201, 400, 500):
        wire.behind.status = status
        assert wire.send(request(WEBHOOK)) == [status]
    assert (wire.gateway.taken(APP), wire.gateway.refused(APP)) == (2, 2)
    assert (wire.gateway.taken(OTHER_APP), wire.gateway.refused(OTHER_APP)) == (0, 0)
