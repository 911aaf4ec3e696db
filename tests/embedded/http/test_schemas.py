"""Schemas, and how their violations read. What OpenMeter's own schemas do is in test_recorded_refusals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.contract import Contract, contract
from devkit.embedded.http.leaves import short_number
from devkit.embedded.http.schemas import Schemas, TooDeepError
from devkit.embedded.http.violations import detail

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "key", "name", "op", "id", "plan", "timing", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


def reading(schema: dict[str, Any], value: Any, *, body: bool = True, **named: Any) -> str | None:
    """What the refusal of the value says after `body: `; None where it is accepted."""
    facts = Contract(version="", tags=(), operations={}, schemas=named)
    found = Schemas(facts, body=body).node(schema).check(value)
    return None if found is None else detail(found, "body: ")


BYTE = r"(^$|^[a-zA-Z0-9+/\-_]*=*$)"
OBJECT = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}, "required": ["b", "c"]}


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ({"type": "string"}, 1, "body: value must be a string"),
        ({"type": "array"}, {}, "body: value must be an array"),
        ({"type": "object"}, [], "body: value must be an object"),
        ({"type": "integer"}, 1.5, "body: value must be an integer"),
        ({"type": "integer"}, "1", "body: value must be an integer"),
        ({"type": "integer"}, True, "body: value must be an integer"),
        ({"type": "number"}, True, "body: value must be a number"),
        ({"type": "boolean"}, 0, "body: value must be a boolean"),
        ({"type": "string"}, None, "body: Value is not nullable"),
        ({}, None, "body: Value is not nullable"),
        ({"enum": ["<", "b"]}, "a", 'body: value is not one of the allowed values ["\\u003c","b"]'),
        ({"type": "string", "minLength": 2}, "a", "body: minimum string length is 2"),
        ({"type": "string", "maxLength": 1}, "éé", "body: maximum string length is 1"),
        ({"type": "string", "pattern": "^a$"}, "a\n", 'body: string doesn\'t match the regular expression "^a$"'),
        ({"type": "array", "minItems": 1}, [], "body: minimum number of items is 1"),
        ({"type": "array", "maxItems": 1}, [1, 2], "body: maximum number of items is 1"),
        ({"type": "array", "uniqueItems": True}, [{"a": 1}, {"a": 1}], "body: duplicate items found"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], 'body: Error at "/1": value must be a string'),
        ({"minimum": 0}, -1, "body: number must be at least 0"),
        ({"maximum": 1000000}, 1e7, "body: number must be at most 1e+06"),
        ({"minimum": 1, "exclusiveMinimum": True}, 1, "body: number must be more than 1"),
        ({"maximum": 1, "exclusiveMaximum": True}, 1, "body: number must be less than 1"),
        ({"multipleOf": 0.5}, 0.7, "body: number must be a multiple of 0.5"),
        ({"type": "object", "minProperties": 1}, {}, "body: there must be at least 1 properties"),
        ({"type": "object", "maxProperties": 0}, {"a": 1}, "body: there must be at most 0 properties"),
        ({"type": "object", "additionalProperties": False}, {"a": 1}, 'body: property "a" is unsupported'),
        ({"type": "object", "additionalProperties": {}}, {"a": None}, 'body: Error at "/a": Value is not nullable'),
        (OBJECT, {"b": 1, "a": "x"}, 'body: Error at "/a": value must be an integer'),
        (OBJECT, {"a": 1}, 'body: Error at "/b": property "b" is missing'),
        (OBJECT, {"b": ""}, 'body: Error at "/c": property "c" is missing'),
        (
            {"type": "integer", "format": "int32"},
            2**31,
            'body: integer doesn\'t match the format "int32": value should be between -2147483648 and 2147483647',
        ),
        (
            {"type": "string", "format": "byte"},
            "é",
            f'body: string doesn\'t match the format "byte": string doesn\'t match pattern "{BYTE}"',
        ),
    ],
)
def test_a_violation_reads_as_kin_openapi_says_it(schema: dict[str, Any], value: Any, text: str) -> None:
    assert reading(schema, value) == text


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, {"anything": [1]}),
        ({"nullable": True, "type": "string"}, None),
        ({"type": "integer"}, 5.0),
        ({"type": "number"}, 5),
        ({"type": "string", "format": "uri"}, "no uri"),
        ({"type": "string", "maxLength": 1}, "\U0001f642"),
        ({"type": "object", "properties": {"a": {}}}, {"b": None}),
        ({"allOf": [{"type": "string", "nullable": True}]}, None),
        ({"type": "object", "properties": {"a": {"type": "string", "readOnly": True}}, "required": ["a"]}, {}),
    ],
)
def test_what_kin_openapi_accepts_is_accepted(schema: dict[str, Any], value: Any) -> None:
    assert reading(schema, value) is None


def test_a_readonly_property_is_required_in_a_parameter() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "readOnly": True}}, "required": ["a"]}
    assert reading(schema, {}, body=False) == 'body: Error at "/a": property "a" is missing'


CAT = {
    "type": "object",
    "required": ["type", "lives"],
    "properties": {"type": {"enum": ["cat"]}, "lives": {"minimum": 1}},
}
DOG = {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["dog"]}}}
REFERENCES = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
MAPPING = {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}
PET = {"oneOf": REFERENCES, "discriminator": {"propertyName": "type", "mapping": MAPPING}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"type": "dog"}, None),
        ({"type": "cat", "lives": 9}, None),
        ({}, 'body: input does not contain the discriminator property "type"'),
        ({"type": 1}, 'body: value of discriminator property "type" is not a string'),
        ({"type": "bird"}, 'body: discriminator property "type" has invalid value'),
        ({"type": "cat"}, 'Error at "/lives": property "lives" is missing'),
        ({"type": "cat", "lives": 0}, 'Error at "/lives": number must be at least 1'),
        (1, "value must be an object\n | value must be an object"),
    ],
)
def test_a_discriminator_picks_the_member_that_counts(value: Any, text: str | None) -> None:
    assert reading(PET, value, Cat=CAT, Dog=DOG) == text


def test_of_a_oneof_exactly_one_may_match() -> None:
    both = {"oneOf": [{"type": "string"}, {"minLength": 1}]}
    assert reading(both, "a") == "body: input matches more than one oneOf schemas"
    assert (
        reading({"anyOf": [{"type": "string"}, {"type": "array"}]}, 1) == 'body: doesn\'t match any schema from "anyOf"'
    )
    assert reading({"anyOf": [{"type": "string"}, {"minLength": 1}]}, "a") is None


def test_parts_of_an_allof_speak_without_a_lead_and_keep_their_place() -> None:
    inner = {"type": "object", "properties": {"n": {"allOf": [{"type": "string"}]}}}
    schema = {"type": "object", "properties": {"m": {"allOf": [inner]}}}
    assert reading(schema, {"m": {"n": 1}}) == 'Error at "/m/n": doesn\'t match schema due to: value must be a string'


def test_a_value_of_any_form_may_not_nest_without_end() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TooDeepError):
        reading({"type": "object", "additionalProperties": {}}, {"a": deep})
    with pytest.raises(TooDeepError):
        reading({"type": "object"}, {"a": deep})


def test_a_recursive_schema_compiles() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}}
    reference = {"$ref": "#/components/schemas/Tree"}
    assert reading(reference, {"next": {"next": {}}}, Tree=tree) is None
    assert (
        reading(reference, {"next": {"next": 1}}, Tree=tree) == 'body: Error at "/next/next": value must be an object'
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1, "1"),
        (-1.5, "-1.5"),
        (999999, "999999"),
        (1e6, "1e+06"),
        (1234567, "1.234567e+06"),
        (1e-5, "1e-05"),
    ],
)
def test_numbers_read_as_go_prints_them_with_g(number: float, text: str) -> None:
    assert short_number(number) == text


@given(st.data())
def test_no_operation_and_no_json_makes_the_validator_fail(data: st.DataObject) -> None:
    facts = contract()
    operation = data.draw(st.sampled_from([known for known in facts.operations.values() if known.bodies]))
    schema = data.draw(st.sampled_from(list(operation.bodies.values())))
    found = COMPILED.node(schema).check(data.draw(JSON))
    assert found is None or detail(found, "body: ")


COMPILED = Schemas(contract(), body=True)
