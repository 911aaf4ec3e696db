import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.go_numbers import general, json_number
from devkit.embedded.domain.go_values import quote, syntax

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "as_json", "as_text"),
    [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.5, "1.5", "1.5"),
        (100000.0, "100000", "100000"),
        (1000000.0, "1000000", "1e+06"),
        (123456789.0, "123456789", "1.23456789e+08"),
        (12345678901234567890.0, "12345678901234567000", "1.2345678901234567e+19"),
        (1e20, "100000000000000000000", "1e+20"),
        (1e21, "1e+21", "1e+21"),
        (1e-6, "0.000001", "1e-06"),
        (1e-7, "1e-7", "1e-07"),
        (0.0001, "0.0001", "0.0001"),
        (5e-324, "5e-324", "5e-324"),
        (-2.5e100, "-2.5e+100", "-2.5e+100"),
    ],
)
def test_doubles_are_printed_as_go_prints_them(value: float, as_json: str, as_text: str) -> None:
    assert json_number(value) == as_json
    assert general(value) == as_text


@given(finite)
def test_every_digit_survives(value: float) -> None:
    for text in (json_number(value), general(value)):
        assert float(text) == value
        assert math.copysign(1, float(text)) == math.copysign(1, value)


def test_values_are_shown_in_go_syntax() -> None:
    value = {"b": [1, "x", None, True], "a": {}}
    assert syntax(value) == (
        'map[string]interface {}{"a":map[string]interface {}{}, "b":[]interface {}{1, "x", interface {}(nil), true}}'
    )
    assert quote('a"\\\n\x01é\u200b\U000e0001') == '"a\\"\\\\\\n\\x01é\\u200b\\U000e0001"'
