"""Values are held against schemas by the rules of OpenAPI 3.0."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.contract import Contract
from devkit.core.schema_check import violations

CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}},
}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
FACTS = Contract(version="", tags=(), operations={}, schemas={"Cat": CAT, "Dog": DOG})
PET = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    },
}


def found(schema: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    return [(violation.path, violation.reason) for violation in violations(FACTS, schema, value)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 5.0),
        ({"type": "number"}, 5),
        ({"type": "string", "nullable": True}, None),
        ({"allOf": [{"type": "string"}], "nullable": True}, None),
        ({"type": "string", "format": "date-time"}, "2024-02-29T23:59:59.123456+05:30"),
        ({"type": "string", "format": "date-time"}, "2024-02-29T00:00:00Z"),
        ({"type": "object", "additionalProperties": False, "properties": {"a": {}}}, {"a": None}),
        ({"type": "object"}, {"anything": [1]}),
        ({"type": "string", "minLength": 2, "maxLength": 2}, "éé"),
        ({}, None),
        (PET, {"kind": "dog", "lives": "none"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 1),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "x"),
    ],
)
def test_what_fits_is_left_alone(schema: dict[str, Any], value: Any) -> None:
    assert found(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, True, [("", "is no integer but boolean")]),
        ({"type": "integer"}, 5.5, [("", "is no integer but number")]),
        ({"type": "string"}, None, [("", "is null")]),
        ({"allOf": [{"type": "string"}]}, None, [("", "is null")]),
        ({"type": "string", "enum": ["A", "B"]}, "C", [("", "'C' is none of A, B")]),
        ({"type": "string", "pattern": "^a+$"}, "b", [("", "'b' does not match ^a+$")]),
        (
            {"type": "string", "format": "date-time"},
            "2024-02-30T00:00:00Z",
            [("", "'2024-02-30T00:00:00Z' is no RFC 3339 time")],
        ),
        ({"type": "string", "format": "date-time"}, "2024-02-03", [("", "'2024-02-03' is no RFC 3339 time")]),
        ({"type": "string", "minLength": 1}, "", [("", "0 characters, but at least 1")]),
        ({"type": "number", "maximum": 3}, 4, [("", "4, but at most 3")]),
        ({"type": "array", "minItems": 1, "items": {}}, [], [("", "0 items, but at least 1")]),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], [("/1", "is no string but integer")]),
        (
            {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}},
            {"a": 1},
            [("", "lacks b"), ("/a", "is no string but integer")],
        ),
        ({"type": "object", "additionalProperties": False}, {"x": 1}, [("/x", "is not in the schema")]),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"a/b~c": 1},
            [("/a~1b~0c", "is no string but integer")],
        ),
        (PET, {"kind": "cat"}, [("", "lacks lives")]),
        (PET, {"kind": "cow"}, [("/kind", "'cow' is none of cat, dog")]),
        (PET, {}, [("", "lacks kind, which tells its kind")]),
        (PET, [], [("", "is no object but array")]),
        (
            {"oneOf": [{"type": "integer"}, {"type": "number"}]},
            1,
            [("", "fits 2 forms where it must fit one: integer, number")],
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(
    schema: dict[str, Any], value: Any, expected: list[tuple[str, str]]
) -> None:
    assert found(schema, value) == expected


def test_of_several_forms_the_nearest_one_explains_what_is_wrong() -> None:
    either = {
        "oneOf": [
            {"type": "array", "items": {"$ref": "#/components/schemas/Dog"}},
            {"$ref": "#/components/schemas/Cat"},
        ]
    }

    assert found(either, [{"kind": 1}]) == [("/0/kind", "is no string but integer")]
    assert found(either, "text") == [
        ("", "fits none of its 2 forms; the nearest is array"),
        ("", "is no array but string"),
    ]


def test_all_violations_are_reported() -> None:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Cat"}}

    assert len(found(schema, [{"kind": 1}, {"lives": "x"}, 3])) == 5


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["kind", "lives", "a/b", "~"]), inner),
)


@given(values)
def test_every_violation_leads_to_a_place_in_the_value(value: Any) -> None:
    anything = {"type": "object", "additionalProperties": {"type": "array", "items": PET}}

    for schema in (PET, CAT, anything, {"type": "array", "items": {"oneOf": [CAT, {"type": "string"}]}}):
        for violation in violations(FACTS, schema, value):
            _follow(value, violation.path)


def _follow(value: Any, pointer: str) -> None:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
