"""Meter definitions: the traps beside what the recordings show."""

from typing import Any

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask

CALLS = {"slug": "calls", "aggregation": "COUNT", "eventType": "request"}
TOKENS = {"slug": "tokens", "aggregation": "SUM", "eventType": "prompt", "valueProperty": "$.tokens"}


def create(app: Application, body: Any) -> Answer:
    return ask(app, "POST", "/api/v1/meters", body)


def test_a_meter_is_created_and_found_by_slug_and_by_id(app: Application) -> None:
    created = create(app, TOKENS | {"groupBy": {"model": "$.model"}})
    assert created.status == 200
    meter = created.json
    assert meter["name"] == "tokens"
    assert meter["metadata"] is None
    assert meter["annotations"] is None
    assert "description" not in meter
    for key in ("tokens", meter["id"]):
        assert ask(app, "GET", f"/api/v1/meters/{key}").json == meter


def test_event_from_is_echoed_as_it_was_sent_and_kept_in_utc(app: Application) -> None:
    created = create(app, CALLS | {"eventFrom": "2024-01-01T02:00:00.1234567+02:00"}).json
    assert created["eventFrom"] == "2024-01-01T02:00:00.1234567+02:00"
    assert ask(app, "GET", "/api/v1/meters/calls").json["eventFrom"] == "2024-01-01T00:00:00.123456Z"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (TOKENS | {"valueProperty": "tokens"}, "invalid JSONPath: %!w(<nil>)"),
        (TOKENS | {"groupBy": {"m": "$.*"}}, "invalid JSONPath for m group by: %!w(<nil>)"),
        (
            CALLS | {"valueProperty": "$.x", "description": ""},
            (
                "description must not be empty string\n"
                "invalid meter aggregation: meter value property is not allowed when the aggregation is count"
            ),
        ),
        (
            CALLS | {"aggregation": "SUM"},
            "invalid meter aggregation: meter value property is required when the aggregation is not count",
        ),
        (CALLS | {"groupBy": {" ": "$.a"}}, "invalid meter group by: meter group by key cannot be empty"),
        (TOKENS | {"valueProperty": " $.a"}, "invalid meter aggregation: meter value property must start with $"),
        (
            CALLS | {"groupBy": {"a": " $.a"}},
            "invalid meter group by: meter group by value must start with $ for key a",
        ),
        (CALLS | {"eventFrom": "0001-01-01T00:00:00Z"}, "meter event from must not be zero"),
        (
            CALLS | {"groupBy": {"a-b": "$.a"}},
            (
                "invalid meter group by: meter group by key a-b is invalid,"
                " only alphanumeric and underscore characters are allowed"
            ),
        ),
        (
            TOKENS | {"groupBy": {"t": "$.tokens"}},
            "invalid meter group by: meter group by value t cannot be the same as value property",
        ),
    ],
)
def test_what_a_meter_may_not_be(app: Application, body: Any, detail: str) -> None:
    answer = create(app, body)
    assert (answer.status, answer.json["detail"]) == (400, f"validation error: {detail}")


def test_a_slug_is_taken_until_its_meter_is_deleted(app: Application) -> None:
    create(app, CALLS)
    taken = create(app, CALLS)
    assert (taken.status, taken.json["detail"]) == (409, "conflict error: meter with the same slug already exists")
    assert ask(app, "DELETE", "/api/v1/meters/calls").status == 204
    assert create(app, CALLS).status == 200


def test_a_deleted_meter_is_there_by_id_alone(app: Application) -> None:
    id_ = create(app, CALLS).json["id"]
    assert ask(app, "DELETE", "/api/v1/meters/calls").status == 204
    assert ask(app, "DELETE", "/api/v1/meters/calls").status == 404
    assert ask(app, "DELETE", f"/api/v1/meters/{id_}").status == 204
    assert "deletedAt" in ask(app, "GET", f"/api/v1/meters/{id_}").json
    renamed = ask(app, "PUT", f"/api/v1/meters/{id_}", {"name": "Still here"})
    assert (renamed.status, renamed.json["name"]) == (200, "Still here")
    assert "deletedAt" in renamed.json


def test_an_update_replaces_all_but_the_description(app: Application) -> None:
    full = {"name": "Calls", "description": "All calls", "metadata": {"a": "b"}, "groupBy": {"m": "$.m"}}
    create(app, CALLS | full)
    left = ask(app, "PUT", "/api/v1/meters/calls", {"slug": "other", "aggregation": "SUM"}).json
    assert (left["slug"], left["aggregation"], left["name"]) == ("calls", "COUNT", "calls")
    assert left["description"] == "All calls"
    assert left["metadata"] is None
    assert "groupBy" not in left


def test_a_meter_that_a_feature_needs_stays_as_it_is(app: Application) -> None:
    create(app, CALLS | {"groupBy": {"m": "$.m", "n": "$.n"}})
    feature = {"key": "api", "name": "API", "meterSlug": "calls", "meterGroupByFilters": {"m": "x"}}
    feature_id = ask(app, "POST", "/api/v1/features", feature).json["id"]
    dropped = ask(app, "PUT", "/api/v1/meters/calls", {"groupBy": {"n": "$.n"}})
    text = "conflict error: meter group by: m cannot be dropped because it is used by feature: api"
    assert (dropped.status, dropped.json["detail"]) == (409, text)
    assert ask(app, "PUT", "/api/v1/meters/calls", {"groupBy": {"m": "$.other"}}).status == 200
    used = ask(app, "DELETE", "/api/v1/meters/calls")
    text = "conflict error: meter has active features and cannot be deleted"
    assert (used.status, used.json["detail"]) == (409, text)
    assert ask(app, "DELETE", f"/api/v1/features/{feature_id}").status == 204
    assert ask(app, "DELETE", "/api/v1/meters/calls").status == 204


def test_lists_are_sorted_and_show_deleted_meters_only_when_asked(app: Application) -> None:
    for slug, name in (("b", "1"), ("a", "3"), ("c", "2")):
        create(app, CALLS | {"slug": slug, "name": name})
    ask(app, "DELETE", "/api/v1/meters/c")

    def slugs(query: str = "") -> str:
        return "".join(meter["slug"] for meter in ask(app, "GET", f"/api/v1/meters?{query}").json)

    assert slugs() == "ab"
    assert slugs("order=DESC") == "ba"
    assert slugs("includeDeleted=true&orderBy=name") == "bca"
    assert slugs("includeDeleted=true&orderBy=createdAt") == "bac"
    assert slugs("includeDeleted=true&orderBy=updatedAt&order=DESC") == "cab"
    assert slugs("page=7&pageSize=1") == "ab"


def test_reserved_event_types_stop_every_write(store: Store, app: Application) -> None:
    create(app, CALLS)
    strict = build_app(store, ServerSettings(reserved_event_types=("^req",)))
    text = "validation error: invalid event type: event type 'request' matched reserved pattern '^req'"
    answers = (
        create(strict, CALLS | {"slug": "other"}),
        ask(strict, "PUT", "/api/v1/meters/calls", {}),
        ask(strict, "DELETE", "/api/v1/meters/calls"),
    )
    for answer in answers:
        assert (answer.status, answer.json["detail"]) == (400, text)


def test_an_impossible_date_fails_as_at_openmeter(app: Application) -> None:
    assert create(app, CALLS | {"eventFrom": "2023-02-30T00:00:00Z"}).status == 500
