"""Examples fit the schemas that they are made from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.core.contract import Contract, contract
from devkit.core.example_values import BY_NAME, USEFUL
from devkit.core.examples import example, example_body, example_parameter
from devkit.core.schema_check import violations

FACTS = contract()
BODIES = [(name, media) for name, operation in FACTS.operations.items() for media in operation.bodies]
NOW = datetime(2031, 12, 24, 10, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize(("operation", "media"), BODIES)
def test_the_example_of_every_body_is_valid(operation: str, media: str) -> None:
    schema = FACTS.operations[operation].bodies[media]

    assert violations(FACTS, schema, example_body(FACTS, FACTS.operations[operation], media)) == []


@pytest.mark.parametrize("operation", FACTS.operations)
def test_the_example_of_every_parameter_is_valid(operation: str) -> None:
    for parameter in FACTS.operations[operation].parameters:
        schema = parameter.schema if parameter.schema is not None else parameter.content or {}

        assert violations(FACTS, schema, example_parameter(FACTS, parameter)) == [], parameter.name


def test_nothing_read_only_or_deprecated_is_sent_unless_it_must_be() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "key": {"type": "string", "readOnly": True},
            "currency": {"type": "string", "deprecated": True},
            "meterSlug": {"type": "string"},
        },
    }

    assert example(FACTS, schema) == {"id": "id", "meterSlug": "tokens_total"}


def test_a_meter_comes_with_what_its_aggregation_needs() -> None:
    assert example_body(FACTS, FACTS.operations["createMeter"]) == {
        "name": "Tokens total",
        "slug": "tokens_total",
        "aggregation": "SUM",
        "eventType": "prompt",
        "valueProperty": "$.tokens",
        "groupBy": {"model": "$.model"},
    }


def test_times_are_near_to_now_and_the_same_now_gives_the_same_example() -> None:
    event = example_body(FACTS, FACTS.operations["ingestEvents"], now=NOW)
    query = example_body(FACTS, FACTS.operations["queryMeterPost"], now=NOW)

    assert event["time"] == "2031-12-24T10:30:00Z"
    assert (query["from"], query["to"]) == ("2031-12-01T00:00:00Z", "2032-01-01T00:00:00Z")
    assert event == example_body(FACTS, FACTS.operations["ingestEvents"], now=NOW)


def test_an_operation_without_a_body_has_no_example() -> None:
    assert example_body(FACTS, FACTS.operations["listMeters"]) is None


def test_a_schema_that_contains_itself_ends() -> None:
    node = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    facts = Contract(version="", tags=(), operations={}, schemas={"Node": node})

    assert "next" in example(facts, {"$ref": "#/components/schemas/Node"})


def test_the_tables_name_only_what_the_contract_has() -> None:
    members = {name for schema in FACTS.schemas.values() for name in _properties(schema)}
    members |= {parameter.name for operation in FACTS.operations.values() for parameter in operation.parameters}
    members |= {
        name
        for operation in FACTS.operations.values()
        for body in operation.bodies.values()
        for name in _properties(body)
    }

    for entry in [*BY_NAME, *USEFUL]:
        owner, _, name = entry.rpartition(".")
        assert name in (_properties(FACTS.schemas[owner]) if owner else members), entry


def _properties(schema: Any) -> set[str]:
    found = set(schema.get("properties", {}))
    for member in schema.get("properties", {}).values():
        found |= _properties(member)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else [])):
        found |= _properties(part)
    return found
