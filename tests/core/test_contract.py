"""Reading the contract."""

import pytest

from devkit.core.contract import contract, from_document

DOCUMENT = {
    "info": {"version": "1.0.0"},
    "tags": [{"name": "Things"}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": {
                "operationId": "getThing",
                "tags": ["Things"],
                "parameters": [
                    {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                },
                "security": [{"Token": []}],
            },
        }
    },
    "components": {
        "parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "schemas": {"Thing": {"$ref": "#/components/schemas/Real"}, "Real": {"type": "object"}},
    },
}


def test_an_operation_has_the_parameters_of_its_path_too() -> None:
    operation = from_document(DOCUMENT).operations["getThing"]

    assert [(p.name, p.location, p.required, p.style, p.explode) for p in operation.parameters] == [
        ("id", "path", True, "simple", False),
        ("q", "query", False, "form", True),
    ]
    assert operation.parameters[1].content == {"type": "object"}
    assert operation.security == ("Token",)


def test_references_are_followed_to_the_end() -> None:
    facts = from_document(DOCUMENT)

    assert facts.resolve({"$ref": "#/components/schemas/Thing"}) == {"type": "object"}


def test_operations_are_a_mapping_whose_members_are_built_once() -> None:
    operations = from_document(DOCUMENT).operations

    assert list(operations) == ["getThing"]
    assert len(operations) == 1
    assert "getThing" in operations
    assert "getNothing" not in operations
    assert operations["getThing"] is operations["getThing"]
    with pytest.raises(KeyError):
        operations["getNothing"]


def test_the_release_is_the_version_where_it_is_named() -> None:
    assert from_document(DOCUMENT).version == "1.0.0"
    assert contract().version.startswith("v")


def test_a_document_that_is_no_contract_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        from_document({"openapi": "3.0.0"})
