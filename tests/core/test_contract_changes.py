"""Two contracts are compared into a list of work."""

import copy
from typing import Any

import pytest

from devkit.core.contract import from_document
from devkit.core.contract_changes import Change, compare, differences

PAGE = {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 100}}
BASE: dict[str, Any] = {
    "info": {"version": "1", "x-openmeter-version": "v1"},
    "tags": [{"name": "Things"}],
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "tags": ["Things"],
                "parameters": [PAGE],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                },
            },
            "post": {
                "operationId": "createThing",
                "tags": ["Things"],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "maxLength": 64},
                    "kind": {"type": "string", "enum": ["A", "B"]},
                },
            },
            "Other": {"type": "string"},
        }
    },
}


def changes(path: tuple[str | int, ...], value: Any) -> list[Change]:
    """What compare finds when the value at `path` is replaced (None removes it)."""
    new = copy.deepcopy(BASE)
    holder: Any = new
    for key in path[:-1]:
        holder = holder[key]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return compare(from_document(BASE), from_document(new))


THING = ("components", "schemas", "Thing")
LIST = ("paths", "/things", "get")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("info", "x-openmeter-version"), "v2", Change("release", "changed", "OpenMeter", "v1 -> v2")),
        (("paths", "/things", "post"), None, Change("operations", "removed", "createThing", "POST /things")),
        ((*LIST, "deprecated"), True, Change("operations", "changed", "listThings", "deprecated false -> true")),
        ((*LIST, "parameters"), [], Change("parameters", "removed", "listThings query page", "integer")),
        (
            (*LIST, "parameters", 0, "schema", "maximum"),
            50,
            Change("parameters", "changed", "listThings query page", "schema.maximum 100 -> 50"),
        ),
        ((*LIST, "responses", "404"), {}, Change("responses", "added", "listThings 404", "")),
        (
            ("paths", "/things", "post", "requestBody", "required"),
            True,
            Change("bodies", "changed", "createThing", "now required"),
        ),
        (("components", "schemas", "Other"), None, Change("schemas", "removed", "Other", "string")),
        (
            (*THING, "properties", "id", "maxLength"),
            128,
            Change("properties", "changed", "Thing.id", "maxLength 64 -> 128"),
        ),
        (
            (*THING, "properties", "kind", "enum"),
            ["A", "C"],
            Change("properties", "changed", "Thing.kind", "enum - B, + C"),
        ),
        (
            (*THING, "properties", "kind", "nullable"),
            True,
            Change("properties", "changed", "Thing.kind", "nullable added: true"),
        ),
        ((*THING, "properties", "kind"), None, Change("properties", "removed", "Thing.kind", "string")),
        (
            (*THING, "properties", "tags"),
            {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
            Change("properties", "added", "Thing.tags", "list of Other"),
        ),
        ((*THING, "required"), ["id", "kind"], Change("properties", "changed", "Thing.kind", "now required")),
        (
            (*THING, "additionalProperties"),
            False,
            Change("schemas", "changed", "Thing", "additionalProperties added: false"),
        ),
    ],
)
def test_each_change_is_one_line_of_work(path: tuple[str | int, ...], value: Any, expected: Change) -> None:
    assert changes(path, value) == [expected]


def test_an_operation_that_moves_is_not_removed_and_added() -> None:
    moved = {"/things": {"get": BASE["paths"]["/things"]["get"]}, "/stuff": {"post": BASE["paths"]["/things"]["post"]}}

    assert changes(("paths",), moved) == [Change("operations", "moved", "createThing", "POST /things -> POST /stuff")]


def test_nothing_differs_from_itself() -> None:
    assert compare(from_document(BASE), from_document(copy.deepcopy(BASE))) == []


def test_changes_come_area_by_area() -> None:
    new = copy.deepcopy(BASE)
    new["info"]["x-openmeter-version"] = "v2"
    new["components"]["schemas"]["Thing"]["properties"]["id"]["maxLength"] = 1
    new["paths"]["/things"]["get"]["parameters"] = []

    areas = [change.area for change in compare(from_document(BASE), from_document(new))]

    assert areas == ["release", "parameters", "properties"]


def test_lists_of_schemas_are_compared_by_position() -> None:
    assert differences({"oneOf": [{"type": "string"}]}, {"oneOf": [{"type": "integer"}]}) == [
        "oneOf[0].type string -> integer"
    ]
