"""Responses are held against the contract, and OpenMeter's known oddities are told apart from news."""

from pathlib import Path
from typing import Any

import pytest

from devkit.core.errors import InputError
from devkit.core.response_check import check_response, explain_response
from devkit.core.response_oddities import known_oddities, load_oddities

METER = {
    "id": "01JZ5M0V9Q4N7X2K8R3T6W1YBC",
    "slug": "tokens",
    "name": "Tokens",
    "eventType": "prompt",
    "aggregation": "COUNT",
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
    "metadata": None,
    "annotations": None,
}
PROBLEM = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "x", "instance": "urn:request:1"}


def reasons(operation: str, status: int, body: Any, media_type: str | None = None) -> list[str]:
    return [str(violation) for violation in check_response(operation, status, body, media_type)]


@pytest.mark.parametrize(
    ("operation", "status", "body", "media_type"),
    [
        ("getMeter", 200, METER, "application/json"),
        ("getMeter", 200, METER, "application/json; charset=utf-8"),
        ("getMeter", 200, METER, None),
        ("ingestEvents", 204, None, None),
        ("ingestEvents", 204, "", None),
        ("getMeter", 404, {**PROBLEM, "status": 404}, "application/problem+json"),
        ("getMeter", 418, {**PROBLEM, "status": 418}, "application/problem+json"),
        ("queryMeter", 200, "window_start,window_end,value\n", "text/csv"),
        ("getDebugMetrics", 200, "# HELP x\n", None),
    ],
)
def test_what_the_contract_promises_passes(operation: str, status: int, body: Any, media_type: str | None) -> None:
    assert reasons(operation, status, body, media_type) == []


@pytest.mark.parametrize(
    ("operation", "status", "body", "expected"),
    [
        ("createMeter", 200, METER, 1),  # documented: 201
        ("getMeter", 400, {key: value for key, value in PROBLEM.items() if key != "instance"}, 1),
        ("getCustomerEntitlementValueV2", 200, {}, 1),
        ("voidInvoiceAction", 501, "", 1),
        ("voidInvoiceAction", 501, None, 1),
        ("upsertCustomerAppData", 200, None, 1),
    ],
)
def test_a_known_oddity_passes_and_can_be_named(operation: str, status: int, body: Any, expected: int) -> None:
    assert reasons(operation, status, body) == []
    assert [finding.oddity is not None for finding in explain_response(operation, status, body)] == [True] * expected


@pytest.mark.parametrize(
    ("operation", "status", "body", "media_type", "expected"),
    [
        ("getMeter", 201, METER, None, ["body: status 201 is not in the contract, which has 200"]),
        ("getMeter", 200, {**METER, "slug": "No"}, None, ["/slug: 'No' does not match ^[a-z0-9]+(?:_[a-z0-9]+)*$"]),
        ("getMeter", 200, METER, "text/html", ["body: media type text/html is none of application/json"]),
        ("getMeter", 200, "", None, ["body: has no body"]),
        ("getMeter", 200, None, None, ["body: is null"]),
        ("ingestEvents", 204, {"ok": True}, None, ["body: has a body where the contract has none"]),
        ("listMeters", 200, METER, None, ["body: is no array but object"]),
        ("getMeter", 404, {"error": "no"}, None, ["body: lacks type", "body: lacks title"]),
        ("createMeter", 200, {**METER, "id": 1}, None, ["/id: is no string but integer"]),
        ("getEntitlementValue", 200, {}, None, ["body: lacks hasAccess"]),
    ],
)
def test_news_is_reported(operation: str, status: int, body: Any, media_type: str | None, expected: list[str]) -> None:
    found = reasons(operation, status, body, media_type)

    assert [reason for reason in found if reason not in {"body: lacks detail", "body: lacks instance"}] == expected


def test_an_unknown_operation_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        check_response("getNothing", 200, None)


def test_every_oddity_has_a_reason_and_a_line() -> None:
    assert all(oddity.reason and oddity.line for oddity in known_oddities())


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("- a", "1:1", "a mapping of statuses, media and values belongs here"),
        ("other: []", "1:8", "unknown group other"),
        ("values: text", "1:9", "values must be a list"),
        ("values: [text]", "1:10", "a mapping belongs here"),
        ("values:\n  - operations: [a]\n", "2:5", "lacks reason"),
        ("values:\n  - operations: [a]\n    reason: x\n    att: [/]\n", "2:5", "att is not known here"),
    ],
)
def test_a_malformed_list_of_oddities_is_refused_with_its_place(
    text: str, place: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "oddities.yaml"
    file.write_text(text)

    with pytest.raises(InputError) as caught:
        load_oddities(file)

    assert message in caught.value.message
    assert str(caught.value.place) == f"{file}:{place}"
