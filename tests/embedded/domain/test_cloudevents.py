"""What becomes of events that have passed the schema, and what is refused all the same."""

from typing import Any

import pytest

from devkit.embedded.domain.cloudevents import BATCH, EITHER, SINGLE, events_of
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.domain.events import Event

NOW = 1_800_000_000
PLAIN = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "u"}


def stored(**attributes: Any) -> list[Event]:
    return events_of(SINGLE, {**PLAIN, **attributes}, NOW)


def refusal(event: dict[str, Any], content_type: str = SINGLE) -> str:
    with pytest.raises(Malformed) as refused:
        events_of(content_type, event if content_type != BATCH else [PLAIN, event], NOW)
    return refused.value.detail


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"b": 1.5, "a": 2}, '{"a":2,"b":1.5}'),
        ({"n": 12345678901234567890, "e": 1e3, "t": 1e-9}, '{"e":1000,"n":12345678901234567000,"t":1e-9}'),
        ({"deep": {"z": None, "a": [1, "2", True, None]}}, '{"deep":{"a":[1,"2",true,null],"z":null}}'),
        ({}, "{}"),
        (None, "null"),
        ({"z": -0.0}, '{"z":-0}'),
    ],
)
def test_data_is_brought_into_canonical_form(data: Any, text: str) -> None:
    assert stored(data=data)[0].data == text


def test_absent_data_is_not_null() -> None:
    assert stored()[0].data == ""


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2024-01-01T00:00:00.999Z", 1704067200),
        ("2024-01-01T02:00:00+02:00", 1704067200),
        ("2024-01-01T00:00:00-24:00", 1704153600),
        ("0001-01-01T00:00:00Z", NOW),
        (None, NOW),
        ("2200-01-01T00:00:00Z", 4294967295),
    ],
)
def test_times_are_whole_seconds_within_what_can_be_stored(time: str | None, seconds: int) -> None:
    assert stored(time=time)[0].time == seconds


@pytest.mark.parametrize(
    "attributes", [{"time": "1970-01-01T00:00:00Z"}, {"time": "0000-02-29T00:00:00Z"}, {"source": "#"}]
)
def test_some_events_vanish_without_a_word(attributes: dict[str, str]) -> None:
    assert stored(**attributes) == []


def test_names_stay_as_they_are_and_sources_are_percent_encoded() -> None:
    (event,) = stored(id=" 1 ", subject=" u ", source="has space")
    assert (event.id, event.subject, event.source) == (" 1 ", " u ", "has%20space")


def test_version_0_3_and_scalar_extensions_are_taken() -> None:
    assert len(stored(specversion="0.3", my_ext="x")) == 1
    assert len(stored(extension="x", Answer42=42, flag=True, none=None, dataschema="%zz")) == 1


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"specversion": "2.0"}, "specversion: unknown value: 2.0\n"),
        ({"source": "%zz"}, "cannot parse uri ref: %zz"),
        ({"time": "2024-02-30T00:00:00Z"}, 'cannot convert "2024-02-30T00:00:00Z" to time.Time: not in RFC3339 format'),
        ({"ext": {"a": 1}}, 'invalid CloudEvents value: map[string]interface {}{"a":1}'),
        ({"ext": 3000000000}, "cannot convert 3e+09 to int32: out of range"),
        ({"data_base64": "!"}, "illegal base64 data at input byte 0"),
        ({"data_base64": "e30"}, "illegal base64 data at input byte 0"),
        ({"data": {"n": 10**400}}, "cannot unmarshal cloudevents data"),
    ],
)
def test_what_the_library_refuses(attributes: dict[str, Any], reason: str) -> None:
    assert refusal({**PLAIN, **attributes}) == f"invalid event: {reason}"
    assert refusal({**PLAIN, **attributes}, BATCH) == f"invalid event: {reason}"
    assert refusal({**PLAIN, **attributes}, EITHER) == "invalid event: no events found"


def test_names_of_extensions_are_letters_and_digits() -> None:
    assert refusal({**PLAIN, "my_ext": "x"}).startswith("invalid event: bad key, CloudEvents attribute names MUST")


def test_the_first_wrong_attribute_decides() -> None:
    assert "uri ref" in refusal({**PLAIN, "source": "%zz", "time": "2024-02-30T00:00:00Z"})
    assert "time.Time" in refusal({"time": "2024-02-30T00:00:00Z", **PLAIN, "source": "%zz"})


def test_base64_is_decoded_where_no_blank_stands_before_it() -> None:
    event = {**PLAIN, "data_base64": "eyJuIjogMn0="}
    assert events_of(SINGLE, event, NOW)[0].data == '{"n":2}'
    with pytest.raises(Malformed, match="illegal base64 data at input byte 0"):
        events_of(SINGLE, event, NOW, blank_before_base64=True)


def test_an_empty_list_is_nothing_or_wrong_depending_on_its_type() -> None:
    assert events_of(BATCH, [], NOW) == []
    with pytest.raises(Malformed, match="invalid event: no events found"):
        events_of(EITHER, [], NOW)


def test_content_types_are_compared_byte_for_byte() -> None:
    with pytest.raises(Malformed, match="invalid content type: application/json; charset=utf-8"):
        events_of("application/json; charset=utf-8", PLAIN, NOW)
