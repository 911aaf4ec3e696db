import json
from typing import Any

import pytest

from devkit.embedded.domain.event_validation import parse_float, validation_error
from devkit.embedded.domain.value_lookup import MissingError, lookup

DATA = {"v": 1, "list": [{"v": 1}, 5, {"v": 2}], "a b": {"c.d": 3}, "null": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.v", 1),
        ('$."a b"."c.d"', 3),
        ("$.list[0].v", 1),
        ("$.list[0, 1]", [{"v": 1}, 5]),
        ("$.list.v", [1, 2]),
        ("$.list[*].v", [1, 2]),
        ("$.null", None),
        ("$", DATA),
    ],
)
def test_paths_that_the_library_follows(path: str, value: Any) -> None:
    assert lookup(DATA, path) == value


@pytest.mark.parametrize(
    "path", ["$['v']", '$["v"]', "$[v]", "$.x", "$.v.x", "$.list[9]", "$.list[0 to 2]", "$ .v", "$.null.x"]
)
def test_paths_that_it_does_not_follow(path: str) -> None:
    with pytest.raises(MissingError):
        lookup(DATA, path)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("+.5e1", 5), ("5.", 5), ("1e3", 1000), ("0x1p-2", 0.25), ("0x_1_0.8p0", 16.5), ("Inf", float("inf"))],
)
def test_numbers_that_go_reads(text: str, number: float) -> None:
    assert parse_float(text) == number


@pytest.mark.parametrize("text", ["", " 1", "1 ", "abc", "0x10", "1e400", "1_000", "\u0661", "+nan", "0xp1", "1e"])
def test_numbers_that_go_does_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_float(text)


def said(data: Any, aggregation: str = "SUM", text: str | None = None) -> str | None:
    meter = {"eventType": "t", "aggregation": aggregation, "valueProperty": "$.v"}
    return validation_error("t", "s", json.dumps(data) if text is None else text, "customer", [meter])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"v": 1}, None),
        ({"v": "1"}, None),
        ({}, 'missing value property: "$.v"'),
        (None, "null and missing value property"),
        ({"v": None}, "value cannot be null"),
        ({"v": "abc"}, "value cannot be parsed as float64: abc"),
        ({"v": "NaN"}, "value cannot be NaN"),
        ({"v": "-inf"}, "value cannot be infinity"),
        ({"v": True}, "unsupported value property type: bool"),
        ({"v": {}}, "unsupported value property type: map[string]interface {}"),
        ({"v": []}, "unsupported value property type: []interface {}"),
    ],
)
def test_what_a_meter_says_of_a_value(data: Any, reason: str | None) -> None:
    assert said(data) == (reason and f"invalid event: {reason}")


def test_unique_counts_want_any_value_and_counts_nothing() -> None:
    assert said({"v": {}}, "UNIQUE_COUNT") is None
    assert said({}, "UNIQUE_COUNT") == 'invalid event: missing value property: "$.v"'
    assert said(None, "COUNT", text="") is None


def test_without_meter_and_customer_both_are_missed() -> None:
    assert validation_error("t", "s", "", None, []) == (
        "no meter found for event type: t\nno customer found for event subject: s"
    )
