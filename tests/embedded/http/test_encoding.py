"""JSON as Go writes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.http.encoding import json_bytes


def test_json_has_no_infinity() -> None:
    with pytest.raises(ValueError, match="no infinity"):
        json_bytes(float("inf"))


def test_text_is_safe_in_html_and_a_line_ends_the_body() -> None:
    body = json_bytes({"a<b": "&>\u2028\u2029é"})
    assert body == '{"a\\u003cb":"\\u0026\\u003e\\u2028\\u2029é"}\n'.encode()


def test_numbers_are_found_at_any_depth() -> None:
    assert json_bytes([{"a": [1.0, {"b": 2.5}], "c": (3.0,)}, 4]) == b'[{"a":[1,{"b":2.5}],"c":[3]},4]\n'


@given(st.recursive(st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists))
def test_what_is_written_reads_back_the_same(value: object) -> None:
    assert json.loads(json_bytes(value), parse_int=float) == value
