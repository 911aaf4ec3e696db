"""The quick way and the validated way must see the same events in the same bytes."""

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devkit.core.contract import contract
from devkit.embedded.domain.cloudevents import BATCH, EITHER, SINGLE
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.plain_events import plain_events
from devkit.embedded.http.calls import Call, Reply, ServerSettings
from devkit.embedded.http.responder import Compiled, Incoming, Responder
from devkit.embedded.http.routing import Route
from devkit.embedded.tags.events import accepted

NOW = 1_800_000_000

numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1.0, 1e15, 1e16, 1e21, 1e-7, 2**53, 2**53 + 1, 0.1, 1e-4, 1e-5]),
)
scalars = st.one_of(st.text(max_size=6), st.booleans(), numbers)
nested = st.recursive(
    st.one_of(scalars, st.none()),
    lambda parts: st.one_of(st.lists(parts, max_size=3), st.dictionaries(st.text(max_size=3), parts, max_size=3)),
    max_leaves=6,
)
data = st.one_of(
    st.dictionaries(st.text(max_size=4), scalars, max_size=5),
    st.dictionaries(st.text(max_size=4), nested, max_size=3),
    st.none(),
    st.just("text"),
    st.just([1]),
)
times = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.sampled_from(
        [
            "2024-02-29T12:00:00.999999999Z",
            "2024-01-01T00:00:00+02:00",
            "2023-02-29T00:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00+24:00",
            "0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.5Z",
            "9999-12-31T23:59:59-23:59",
            "2024-01-01t00:00:00Z",
            "2024-01-01",
            "2024-01-01T24:00:00Z",
            "",
            5,
            None,
        ]
    ),
)
words = st.one_of(st.sampled_from(["a", "", " ", "x y", "%zz", "a:b", "http://h/p", "#", "ü"]), st.text(max_size=5))
required = st.fixed_dictionaries(
    {
        "specversion": st.sampled_from(["1.0", "1.0", "1.0", "0.3", "2.0", 1]),
        "id": words,
        "source": words,
        "type": words,
        "subject": words,
    },
    optional={
        "time": times,
        "data": data,
        "datacontenttype": st.sampled_from(["application/json", None, "text/xml"]),
        "extension": scalars,
        "data_base64": st.sampled_from(["e30=", "!"]),
    },
)
events = st.one_of(
    required,
    st.builds(
        lambda event, name: {k: v for k, v in event.items() if k != name}, required, st.sampled_from(["id", "x"])
    ),
)


taken: list[list[Event]] = []


@cache
def responder() -> Responder:
    return Responder(Compiled.of(contract()), contract().operations["ingestEvents"], Route("ingestEvents", take, True))


def take(call: Call) -> Reply:
    taken.append(accepted(call, NOW))
    return Reply(204)


def reference(content_type: str, body: bytes) -> list[Event] | None:
    """What the validator and the rules make of a request; None where they refuse it."""
    incoming = Incoming({}, b"", {"content-type": content_type}, body, "id")
    reply = responder().respond(incoming, None, ServerSettings())  # type: ignore[arg-type]
    assert reply.status in (204, 400), (body, reply)
    return taken.pop() if reply.status == 204 else None


def agree(content_type: str, body: bytes) -> bool:
    """Whether the quick way answered, having made sure that it answered the same."""
    quick = plain_events(content_type, body, NOW)
    if quick is not None:
        assert quick == reference(content_type, body)
    return quick is not None


@given(events, st.sampled_from([SINGLE, EITHER]), st.booleans())
def test_single_events_come_out_the_same(event: dict[str, Any], content_type: str, escaped: bool) -> None:
    agree(content_type, json.dumps(event, ensure_ascii=escaped).encode(errors="surrogatepass"))


@given(st.lists(events, max_size=3), st.sampled_from([BATCH, EITHER, SINGLE]), st.booleans())
def test_batches_come_out_the_same(batch: list[dict[str, Any]], content_type: str, spaced: bool) -> None:
    agree(content_type, json.dumps(batch, separators=(", ", ": ") if spaced else (",", ":")).encode())


@given(st.binary(max_size=40), st.sampled_from([SINGLE, BATCH, EITHER]))
def test_any_bytes_come_out_the_same(body: bytes, content_type: str) -> None:
    agree(content_type, body)
    event = b'{"specversion":"1.0","id":"a","source":"b","type":"c","subject":"d","data":{"x":"' + body + b'"}}'
    agree(SINGLE, event)


def test_numbers_as_they_are_typed_come_out_the_same() -> None:
    for text in (
        "-0",
        "-0.0",
        "0",
        "1.50",
        "1E3",
        "1e400",
        "12345678901234567890",
        "9007199254740993",
        "01",
        "1.",
        ".5",
    ):
        for shape in ('{"v":%s}', '{"v": %s}', '{"v":[%s]}', '{"a":{"v":%s},"b":"x"}', '{"v":\n%s}'):
            event = '{"specversion":"1.0","id":"i","source":"s","type":"t","subject":"u","data":' + shape % text + "}"
            agree(SINGLE, event.encode())


def test_ordinary_events_take_the_quick_way() -> None:
    ordinary = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "u"}
    full = {**ordinary, "time": "2024-01-01T00:00:00.5+02:00", "data": {"n": 1.5, "s": "é", "deep": {"a": [None, 1]}}}
    assert agree(SINGLE, json.dumps(ordinary).encode())
    assert agree(EITHER, json.dumps(full).encode())
    assert agree(BATCH, json.dumps([ordinary, full]).encode())
    assert not agree(BATCH, b"[]")
    assert not agree("text/plain", json.dumps(ordinary).encode())
