"""Features."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask


@pytest.fixture(autouse=True)
def meters(app: Application) -> None:
    for slug, aggregation in (("tokens", "SUM"), ("slowest", "MAX")):
        value = {"valueProperty": "$.v", "groupBy": {"model": "$.model"}}
        ask(app, "POST", "/api/v1/meters", {"slug": slug, "aggregation": aggregation, "eventType": "t", **value})


def create(app: Application, **body: Any) -> Answer:
    return ask(app, "POST", "/api/v1/features", {"key": "api", "name": "API", **body})


def test_legacy_filters_show_as_advanced_ones_too(app: Application) -> None:
    created = create(app, meterSlug="tokens", meterGroupByFilters={"model": "x"}, metadata={})
    assert created.status == 201
    feature = created.json
    assert feature["meterGroupByFilters"] == {"model": "x"}
    assert feature["advancedMeterGroupByFilters"] == {"model": {"$eq": "x"}}
    assert not {"metadata", "unitCost", "archivedAt"} & set(feature)
    for key in ("api", feature["id"]):
        assert ask(app, "GET", f"/api/v1/features/{key}").json == feature


def test_advanced_filters_show_as_legacy_ones_where_they_can(app: Application) -> None:
    feature = create(app, advancedMeterGroupByFilters={"model": {"$in": ["x"], "$own": 1, "$eq": None}}).json
    assert feature["advancedMeterGroupByFilters"] == {"model": {"$in": ["x"]}}
    assert "meterGroupByFilters" not in feature


LLM = {"type": "llm", "provider": "p", "model": "m", "tokenType": "input"}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"meterSlug": "none"}, 404, "not found error: meter not found: none"),
        (
            {"meterSlug": "slowest"},
            400,
            "meter slowest's aggregation is MAX but features can only be created for SUM, COUNT, UNIQUE_COUNT, LATEST",
        ),
        (
            {"meterSlug": "tokens", "meterGroupByFilters": {"planet": "mars"}},
            400,
            "invalid filters for feature: map[planet], available columns: [model]",
        ),
        (
            {"meterSlug": "tokens", "advancedMeterGroupByFilters": {"model": {"$eq": "a", "$ne": "b"}}},
            400,
            "validation error: filter is invalid: multiple operators are set",
        ),
        ({"key": "01arz3ndektsv4rrffq69g5fav"}, 400, "validation error: Feature key cannot be a valid ULID"),
        ({"name": ""}, 500, None),
        (
            {"unitCost": {"type": "manual", "amount": "-1"}},
            400,
            "validation error: manual unit cost amount must be non-negative",
        ),
        ({"unitCost": LLM}, 400, "validation error: LLM unit cost requires a meter to be associated with the feature"),
        (
            {"unitCost": {**LLM, "providerProperty": "x", "tokenType": "thought"}},
            400,
            (
                "validation error: provider_property and provider are mutually exclusive\n"
                'invalid token_type "thought": expected one of'
                " input, output, cache_read, reasoning, cache_write, request, response"
            ),
        ),
        (
            {
                "meterSlug": "tokens",
                "unitCost": {"type": "llm", "provider": "p", "modelProperty": "x", "tokenType": "input"},
            },
            400,
            'validation error: model_property "x" not found in meter group-by keys',
        ),
    ],
)
def test_what_a_feature_may_not_be(app: Application, body: dict[str, Any], status: int, detail: str | None) -> None:
    answer = create(app, **body)
    assert (answer.status, answer.json.get("detail")) == (status, detail)


@pytest.mark.parametrize(("sent", "kept"), [("0.50", "0.5"), ("10", "10"), ("100.00", "100"), ("-0", "0")])
def test_an_amount_is_kept_in_its_shortest_form(app: Application, sent: str, kept: str) -> None:
    assert create(app, unitCost={"type": "manual", "amount": sent}).json["unitCost"] == {
        "type": "manual",
        "amount": kept,
    }


def test_an_archived_feature_frees_its_key_and_is_listed_only_when_asked(app: Application) -> None:
    first = create(app, meterSlug="tokens").json
    taken = create(app)
    assert (taken.status, taken.json["detail"]) == (409, f"feature {first['id']} with key api already exists")
    assert ask(app, "DELETE", "/api/v1/features/api").status == 204
    for key in ("api", first["id"]):
        gone = ask(app, "DELETE", f"/api/v1/features/{key}")
        assert (gone.status, gone.json["detail"]) == (404, f"feature not found: {key}")
    second = create(app).json
    assert [feature["id"] for feature in ask(app, "GET", "/api/v1/features").json] == [second["id"]]
    every = ask(app, "GET", "/api/v1/features?includeArchived=true&orderBy=createdAt").json
    assert [feature["id"] for feature in every] == [first["id"], second["id"]]
    assert "archivedAt" in every[0]


def test_lists_are_bare_or_paged(app: Application) -> None:
    for key in ("b", "a", "c"):
        create(app, key=key, **({"meterSlug": "tokens"} if key == "a" else {}))

    def keys(query: str) -> str:
        return "".join(feature["key"] for feature in ask(app, "GET", f"/api/v1/features?{query}").json)

    assert keys("") == "abc"
    assert keys("offset=1&limit=1") == "b"
    assert keys("meterSlug=tokens&meterSlug=none") == "a"
    page = ask(app, "GET", "/api/v1/features?pageSize=2&order=DESC&offset=2").json
    assert (page["page"], page["pageSize"], page["totalCount"]) == (1, 2, 3)
    assert [feature["key"] for feature in page["items"]] == ["c", "b"]
    refused = ask(app, "GET", "/api/v1/features?orderBy=id")
    assert refused.json["detail"] == "validation error: validation error: invalid feature order by: id"
