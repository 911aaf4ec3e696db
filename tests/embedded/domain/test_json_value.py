import pytest

from devkit.embedded.domain.json_value import float_text, json_value, to_float
from devkit.embedded.domain.jsonpath import parse


@pytest.mark.parametrize(
    ("data", "path", "text"),
    [
        ('{"v":"100"}', "$.v", "100"),
        ('{"v":18446744073709551615}', "$.v", "18446744073709551615"),
        ('{"v":1.5}', "$.v", "1.5"),
        ('{"v":0.00001}', "$.v", "1e-05"),
        ('{"v":1e+21}', "$.v", "1e+21"),
        ('{"v":100000000000000000000}', "$.v", "100000000000000000000"),
        ('{"v":-0}', "$.v", "0"),
        ('{"v":true}', "$.v", "true"),
        ('{"v":null}', "$.v", "null"),
        ('{"v":{}}', "$.v", ""),
        ('{"v":[]}', "$.v", ""),
        ("", "$.v", ""),
        ("null", "$.v", ""),
        ('{"v":[{"a":[]},{"b":1},{"a":null},{"a":5}]}', "$.v[*].a", "null"),
        ('{"v":[1,2,3]}', "$.v[2, 0 to 2]", "3"),
        ('{"v":[1]}', "$.v[5 to 9]", ""),
        ('{"v":{"0":1}}', "$.v[0]", ""),
        ('{"v":[7]}', "$.v.0", ""),
    ],
)
def test_text_at_a_path(data: str, path: str, text: str) -> None:
    assert json_value(data, parse(path)) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("+5", 5), (".5", 0.5), ("5.", 5), ("-1.5e2", -150), ("1E2", 100), ("1e-400", 0)],
)
def test_texts_that_are_numbers(text: str, number: float) -> None:
    assert to_float(text) == number


@pytest.mark.parametrize(
    "text", ["", "null", "true", " 1", "1 ", "1,000", "1_000", "0x10", "1e", ".", "NaN", "-Inf", "1e400"]
)
def test_texts_that_are_no_numbers(text: str) -> None:
    assert to_float(text) is None


def test_floats_have_an_exponent_where_that_is_shorter() -> None:
    assert [float_text(n) for n in (123456789012345.5, 1234567890123456.5, -0.0001, 0.00012, 0.000012, -1e20)] == [
        "123456789012345.5",
        "1234567890123456.5",
        "-1e-04",
        "0.00012",
        "1.2e-05",
        "-100000000000000000000",
    ]
