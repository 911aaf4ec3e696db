"""The shipped contract is whole, and holds facts only."""

from collections.abc import Iterator
from typing import Any

from devkit.core.contract import contract
from devkit.core.data import data_path
from devkit.core.document_source import read_document
from devkit.core.schema_check import KEYWORDS

PROSE = {"description", "title", "summary", "example", "examples", "externalDocs"}
#: Maps from names to things: their keys are names, whatever they are called.
NAMED = {
    "properties",
    "paths",
    "schemas",
    "parameters",
    "responses",
    "securitySchemes",
    "content",
    "headers",
    "mapping",
}


def document() -> Any:
    return read_document(data_path("assets/openapi.json")).value


def test_it_has_153_operations_under_15_tags() -> None:
    facts = contract()

    assert len(facts.operations) == 153
    assert len(facts.tags) == 15
    assert {tag for operation in facts.operations.values() for tag in operation.tags} == set(facts.tags)


def test_it_names_the_release_that_it_describes() -> None:
    assert contract().version == "v1.0.0-beta.232"


def test_no_prose_is_left_in_it() -> None:
    found = [path for path in _keywords(document()) if path[-1] in PROSE or path[-1].startswith("x-")]

    assert found == [("info", "x-openmeter-version")]


def test_properties_that_are_called_like_prose_are_left_in_it() -> None:
    properties = contract().schemas["MeterCreate"]["properties"]

    assert properties["description"]["type"] == "string"


def test_every_keyword_of_its_schemas_is_checked() -> None:
    used = {keyword for schema in _schemas(document()) for keyword in schema}

    assert used <= KEYWORDS


def _keywords(value: Any, path: tuple[str, ...] = (), *, named: bool = False) -> Iterator[tuple[str, ...]]:
    """The paths of all keys that are keywords, not names or data."""
    if isinstance(value, list):
        for item in value:
            yield from _keywords(item, path)
    elif isinstance(value, dict):
        for key, member in value.items():
            if not named:
                yield (*path, key)
            if named or key not in {"default", "enum"}:
                yield from _keywords(member, (*path, key), named=not named and key in NAMED)


def _schemas(value: Any, *, inside: bool = False) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _schemas(item, inside=inside)
    elif isinstance(value, dict) and inside:
        yield value
        for keyword in ("allOf", "oneOf", "anyOf", "items", "additionalProperties"):
            yield from _schemas(value.get(keyword), inside=True)
        for member in value.get("properties", {}).values():
            yield from _schemas(member, inside=True)
    elif isinstance(value, dict):
        for key, member in value.items():
            if key == "schemas":
                for schema in member.values():
                    yield from _schemas(schema, inside=True)
            else:
                yield from _schemas(member, inside=key == "schema")
