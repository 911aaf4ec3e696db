"""Reading JSON as Go does."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.http.go_json import GoJSONError, decode_stream, decode_whole

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "EOF"),
        (b"  \n", "EOF"),
        (b"{", "unexpected EOF"),
        (b'{"a"', "unexpected EOF"),
        (b'"abc', "unexpected EOF"),
        (b"tru", "unexpected EOF"),
        (b"-", "unexpected EOF"),
        (b"1.", "unexpected EOF"),
        (b"1e+", "unexpected EOF"),
        (b'"\\u12', "unexpected EOF"),
        (b"}", "invalid character '}' looking for beginning of value"),
        (b"x", "invalid character 'x' looking for beginning of value"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b"{,}", "invalid character ',' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b"{1:2}", "invalid character '1' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b"', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"nul!", "invalid character '!' in literal null (expecting 'l')"),
        (b"truE", "invalid character 'E' in literal true (expecting 'e')"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1ex", "invalid character 'x' in exponent of numeric literal"),
        (b"[01]", "invalid character '1' after array element"),
        (b'"a\nb"', "invalid character '\\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12G4"', "invalid character 'G' in \\u hexadecimal character escape"),
        (b"'a'", "invalid character '\\'' looking for beginning of value"),
        (b"\xc3", "invalid character '\u00c3' looking for beginning of value"),
        (b"\x00", "invalid character '\\x00' looking for beginning of value"),
        (b"[" * 10_001 + b"]" * 10_001, "exceeded max depth"),
    ],
)
def test_what_go_refuses_is_refused_in_its_words(raw: bytes, text: str) -> None:
    with pytest.raises(GoJSONError) as refused:
        decode_stream(raw)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a":1} trailing {', {"a": 1}),
        (b"[1][2]", [1]),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'"\xff"', "\ufffd"),
        (b'"\\ud83d\\ude42"', "\U0001f642"),
        (b'"\\ud83d"', "\ufffd"),
        (b'"\\ude42\\ud83d"', "\ufffd\ufffd"),
        (b" [ 1 , -0.5e1 ,\ttrue, null ,false, {} , [] ] x", [1, -5.0, True, None, False, {}, []]),
        (b'"\\"\\\\\\/\\b\\f\\n\\r\\t" ', '"\\/\b\f\n\r\t'),
    ],
)
def test_what_go_lets_through_is_read(raw: bytes, value: object) -> None:
    assert decode_stream(raw) == value


def test_a_parameter_is_one_value_and_nothing_else() -> None:
    assert decode_whole(b' {"a":1} ') == {"a": 1}
    with pytest.raises(GoJSONError, match=r"^unexpected end of JSON input$"):
        decode_whole(b"{")
    with pytest.raises(GoJSONError, match=r"^unexpected end of JSON input$"):
        decode_whole(b"")
    with pytest.raises(GoJSONError, match=r"^invalid character '}' after top-level value$"):
        decode_whole(b"{}}")


def test_an_enormous_number_does_not_stop_the_reader() -> None:
    assert decode_stream(b"9" * 5000) == float("inf")


@given(VALUES)
def test_the_slow_reader_reads_what_the_fast_one_reads(value: object) -> None:
    raw = json.dumps(value, ensure_ascii=False).encode()
    assert decode_stream(raw + b" ]") == decode_stream(raw) == value


@given(st.binary())
def test_any_bytes_give_a_value_or_a_text(raw: bytes) -> None:
    for decode in (decode_stream, decode_whole):
        with suppress(GoJSONError):
            decode(raw)
