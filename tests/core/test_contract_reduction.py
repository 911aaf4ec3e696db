"""An OpenAPI document is reduced to its facts and to nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.contract_reduction import ReductionError, reduce

PROSE = {"description": "Words.", "title": "Words", "example": "word", "summary": "Words", "x-go-type": "Word"}


def document(**members: Any) -> dict[str, Any]:
    operation = {"operationId": "listThings", "tags": ["Things"], "responses": {"200": {"description": "Words."}}}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Words", "version": "1"},
        "paths": {"/things": {"summary": "Words", "get": {**operation, **PROSE}}},
        **members,
    }


def with_schema(schema: Any) -> dict[str, Any]:
    return document(components={"schemas": {"Thing": schema}})


def reduced_schema(schema: Any) -> Any:
    return reduce(with_schema(schema))["components"]["schemas"]["Thing"]


def test_prose_goes_everywhere() -> None:
    reduced = reduce(document(tags=[{"name": "Things", "description": "Words."}], servers=[{"url": "https://x"}]))

    assert reduced == {
        "openapi": "3.0.0",
        "info": {"version": "1"},
        "tags": [{"name": "Things"}],
        "paths": {"/things": {"get": {"operationId": "listThings", "tags": ["Things"], "responses": {"200": {}}}}},
        "components": {"parameters": {}, "schemas": {}, "securitySchemes": {}},
    }


def test_properties_that_are_called_like_prose_stay() -> None:
    schema = {"type": "object", **PROSE, "properties": {name: {"type": "string", **PROSE} for name in PROSE}}

    assert reduced_schema(schema) == {"type": "object", "properties": {name: {"type": "string"} for name in PROSE}}


def test_what_validation_needs_stays_in_its_order() -> None:
    schema = {
        "type": "object",
        "required": ["b", "a"],
        "properties": {
            "b": {"type": "string", "enum": ["y", "x"], "default": "y"},
            "a": {"type": "integer", "maximum": 3},
        },
        "additionalProperties": {"type": "string", "nullable": True, "description": "Words."},
    }

    reduced = reduced_schema(schema)

    assert list(reduced["properties"]) == ["b", "a"]
    assert reduced["required"] == ["b", "a"]
    assert reduced["additionalProperties"] == {"type": "string", "nullable": True}
    assert reduced["properties"]["b"] == {"type": "string", "enum": ["y", "x"], "default": "y"}


def test_a_default_keeps_members_that_are_called_like_prose() -> None:
    assert reduced_schema({"default": {"description": "kept"}}) == {"default": {"description": "kept"}}


def test_shared_responses_and_bodies_are_written_out() -> None:
    shared = {"description": "Words.", "content": {"application/json": {"schema": {"type": "string"}, "example": "x"}}}
    raw = document(components={"responses": {"Ok": shared}, "requestBodies": {"In": {**shared, "required": True}}})
    operation = raw["paths"]["/things"]["get"]
    operation["responses"] = {200: {"$ref": "#/components/responses/Ok"}}
    operation["requestBody"] = {"$ref": "#/components/requestBodies/In"}

    reduced = reduce(raw)["paths"]["/things"]["get"]

    assert reduced["responses"] == {"200": {"content": {"application/json": {"schema": {"type": "string"}}}}}
    assert reduced["requestBody"] == {"required": True, "content": {"application/json": {"schema": {"type": "string"}}}}


def test_the_release_is_taken_from_the_caller_then_from_the_document() -> None:
    named = document(info={"version": "1", "x-openmeter-version": "v2"})

    assert reduce(named)["info"] == {"version": "1", "x-openmeter-version": "v2"}
    assert reduce(named, "v3")["info"] == {"version": "1", "x-openmeter-version": "v3"}


@pytest.mark.parametrize(
    ("raw", "message", "keys"),
    [
        ([], "the document must be an object", ()),
        ({}, "no OpenAPI file", ("openapi",)),
        ({"openapi": "3.1.0"}, "this is OpenAPI 3.1.0", ("openapi",)),
        (document(paths={}), "there are no paths", ("paths",)),
        (document(paths={"/a": []}), "/a must be an object", ("paths", "/a")),
        (
            document(paths={"/a": {"get": {"tags": ["A"]}}}),
            "operationId must be a text",
            ("paths", "/a", "get", "operationId"),
        ),
        (
            document(paths={"/a": {"get": {"operationId": "a", "responses": {}}}}),
            "tags must be a list",
            ("paths", "/a", "get", "tags"),
        ),
        (
            with_schema({"$ref": "#/components/schemas/None"}),
            "leads nowhere",
            ("components", "schemas", "Thing", "$ref"),
        ),
        (with_schema({"$ref": "other.yaml#/A"}), "leads nowhere", ("components", "schemas", "Thing", "$ref")),
        (with_schema({"type": ["string", "null"]}), "one word", ("components", "schemas", "Thing", "type")),
        (with_schema({"allOf": {}}), "allOf must be a list", ("components", "schemas", "Thing", "allOf")),
    ],
)
def test_what_cannot_be_reduced_names_its_place(raw: Any, message: str, keys: tuple[str, ...]) -> None:
    with pytest.raises(ReductionError) as caught:
        reduce(raw)

    assert message in caught.value.message
    assert caught.value.keys == keys


def test_an_operation_id_may_stand_once() -> None:
    operation = {"operationId": "same", "tags": ["A"], "responses": {}}

    with pytest.raises(ReductionError, match="same is taken by get /a"):
        reduce(document(paths={"/a": {"get": operation}, "/b": {"get": dict(operation)}}))


names = st.sampled_from(["id", "name", "description", "title", "example", "summary", "x-y", "properties", "$eq"])
leaves = st.fixed_dictionaries({"type": st.just("string")}, optional={name: st.just("Words") for name in PROSE})
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=4)}),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "description": st.just("Words")}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3), "title": st.just("Words")}),
    ),
    max_leaves=12,
)


@given(schemas)
def test_reducing_twice_changes_nothing_and_names_survive(schema: dict[str, Any]) -> None:
    once = reduce(with_schema(schema))

    assert reduce(once) == once
    assert _names(once["components"]["schemas"]["Thing"]) == _names(schema)


def _names(schema: dict[str, Any]) -> list[str]:
    found = []
    for name, inner in schema.get("properties", {}).items():
        found += [name, *_names(inner)]
    for inner in [*schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else [])]:
        found += _names(inner)
    return found
