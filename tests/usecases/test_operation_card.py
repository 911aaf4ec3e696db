"""The card of an operation says all that one needs to call it."""

import json
import shlex
from datetime import UTC, datetime

import pytest

from devkit.core.contract import contract
from devkit.core.operation_notes import operation_notes
from devkit.usecases.operation_card import Card, card
from devkit.usecases.operations import find_operations

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
FACTS = contract()


def card_of(operation: str) -> Card:
    (entry,) = find_operations(FACTS, operation_notes(), [operation]).entries
    return card(FACTS, entry, now=NOW)


def parameter(operation: str, name: str) -> tuple[str, str, bool, object]:
    (row,) = [row for row in card_of(operation).parameters if row.name == name]
    return row.location, row.kind, row.required, row.default


@pytest.mark.parametrize(
    ("operation", "name", "expected"),
    [
        ("listEvents", "limit", ("query", "integer, 1..100", False, 100)),
        ("listEvents", "from", ("query", "date-time", False, None)),
        ("listEvents", "customerId", ("query", "list of ULID", False, None)),
        ("listMeters", "order", ("query", "one of ASC, DESC", False, "ASC")),
        ("listMeters", "page", ("query", "integer, at least 1", False, 1)),
        ("getMeter", "meterIdOrSlug", ("path", "key or ULID, 1..64 characters", True, None)),
        ("queryMeter", "filterGroupBy", ("query", "mapping to string", False, None)),
        ("listEventsV2", "filter", ("query", "JSON text", False, None)),
        ("getEntitlementHistory", "windowSize", ("query", "one of MINUTE, HOUR, DAY, MONTH", True, None)),
    ],
)
def test_a_parameter_is_told_in_words(operation: str, name: str, expected: tuple[str, str, bool, object]) -> None:
    assert parameter(operation, name) == expected


def test_the_answers_have_their_media_types_and_schemas() -> None:
    answers = [(row.status, row.media_type, row.schema) for row in card_of("queryMeter").answers]

    assert answers[:2] == [("200", "application/json", "MeterQueryResult"), ("200", "text/csv", "string")]
    assert ("204", "", "") in [(row.status, row.media_type, row.schema) for row in card_of("ingestEvents").answers]


@pytest.mark.parametrize("operation", FACTS.operations)
def test_every_curl_line_is_a_command_for_a_shell(operation: str) -> None:
    shown = card_of(operation)
    words = shlex.split(shown.curl.replace("\\\n", " "))

    (address,) = [word for word in words if word.startswith("$OPENMETER_URL")]
    assert words[0] == "curl"
    assert "{" not in address
    assert address.count("/") == shown.path.count("/")
    if shown.method != "GET":
        assert words[words.index("-X") + 1] == shown.method
    if shown.bodies:
        assert json.loads(words[words.index("-d") + 1]) == shown.bodies[0].example
        assert f"Content-Type: {shown.bodies[0].media_type}" in words


def test_required_query_parameters_are_in_the_curl_line() -> None:
    assert "?windowSize=DAY" in card_of("getEntitlementHistory").curl


def test_the_portal_query_needs_a_token() -> None:
    assert "Authorization: Bearer" in card_of("queryPortalMeter").curl
    assert "Authorization" not in card_of("queryMeter").curl
