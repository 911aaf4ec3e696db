"""JSON as Go writes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.http.encoding import json_bytes, number_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (100.0, "100"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1.25e-6, "0.00000125"),
        (1e-7, "1e-7"),
        (-1.5e-10, "-1.5e-10"),
        (123456789.123, "123456789.123"),
    ],
)
def test_doubles(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_keeps_its_value(number: float) -> None:
    assert float(number_text(number)) == number


def test_json_has_no_infinity() -> None:
    with pytest.raises(ValueError, match="no infinity"):
        number_text(float("inf"))


def test_text_is_safe_in_html_and_a_line_ends_the_body() -> None:
    body = json_bytes({"a<b": "&>\u2028\u2029é"})
    assert body == '{"a\\u003cb":"\\u0026\\u003e\\u2028\\u2029é"}\n'.encode()


def test_numbers_are_found_at_any_depth() -> None:
    assert json_bytes([{"a": [1.0, {"b": 2.5}], "c": (3.0,)}, 4]) == b'[{"a":[1,{"b":2.5}],"c":[3]},4]\n'


@given(st.recursive(st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists))
def test_what_is_written_reads_back_the_same(value: object) -> None:
    assert json.loads(json_bytes(value)) == value
