"""Queries of meters over the API."""

from typing import Any
from urllib.parse import quote

import pytest

from devkit.embedded.domain.events import Event
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask

NOON = 1_704_888_000  # 2024-01-10T12:00:00Z
TOKENS = "/api/v1/meters/tokens"
CSV = {"accept": "text/csv"}


@pytest.fixture(autouse=True)
def prompts(app: Application, store: Store) -> None:
    """1 + 2 for alice on two days, 4 for bob on the second."""
    body = {"slug": "tokens", "aggregation": "SUM", "eventType": "prompt", "valueProperty": "$.n"}
    ask(app, "POST", "/api/v1/meters", {**body, "groupBy": {"model": "$.model", "value": "$.x", "true": "$.t"}})
    datas = [
        ("alice", 0, '{"model":"a","n":1}'),
        ("alice", 86_400, '{"n":"2"}'),
        ("bob", 86_401, '{"model":"b","n":4}'),
    ]
    store.events.append([Event(str(n), "s", "prompt", who, NOON + at, data) for n, (who, at, data) in enumerate(datas)])


def get(app: Application, target: str = "", headers: dict[str, str] | None = None) -> Answer:
    return ask(app, "GET", f"{TOKENS}/query{target}", headers=headers)


def post(app: Application, **body: Any) -> Answer:
    return ask(app, "POST", f"{TOKENS}/query", body)


def values(answer: Answer) -> list[float]:
    assert answer.status == 200, answer.body
    return [row["value"] for row in answer.json["data"]]


def test_the_total_without_any_parameter(app: Application) -> None:
    assert get(app).json == post(app).json
    assert get(app).json == {
        "data": [
            {
                "value": 7,
                "windowStart": "2024-01-10T12:00:00Z",
                "windowEnd": "2024-01-11T12:01:00Z",
                "subject": None,
                "groupBy": {},
            }
        ]
    }
    assert b'"value":7,' in get(app).body, "Go prints no .0"


def test_parameters_and_body_ask_the_same(app: Application) -> None:
    by_get = get(app, "?windowSize=DAY&subject=alice&groupBy=model&from=2024-01-01T00:00:00%2B01:00")
    by_post = post(app, windowSize="DAY", subject=["alice"], groupBy=["model"], **{"from": "2024-01-01T00:00:00+01:00"})
    assert by_get.json == by_post.json
    assert by_get.json["from"] == "2024-01-01T00:00:00+01:00"
    assert [(row["value"], row["subject"], row["groupBy"]) for row in by_get.json["data"]] == [
        (1, "alice", {"model": "a"}),
        (2, "alice", {"model": ""}),
    ]


def test_filters(app: Application) -> None:
    assert values(get(app, "?filterGroupBy[model]=b")) == [4]
    assert values(post(app, filterGroupBy={"model": ["a", "b"]})) == [5]
    advanced = quote('{"model":{"$or":[{"$eq":"a"},{"$like":"_"}]}}')
    assert values(get(app, f"?advancedMeterGroupByFilters={advanced}")) == [5]
    assert values(post(app, advancedMeterGroupByFilters={"model": {"$ne": "a"}})) == [6]


def test_usage_by_customer(app: Application) -> None:
    customer = {"name": "Acme", "key": "alice", "usageAttribution": {"subjectKeys": ["bob"]}}
    created = ask(app, "POST", "/api/v1/customers", customer).json
    (row,) = get(app, f"?filterCustomerId={created['id']}").json["data"]
    assert (row["customerId"], row["value"], row["subject"]) == (created["id"], 7, None)
    ask(app, "DELETE", f"/api/v1/customers/{created['id']}")
    gone = get(app, f"?filterCustomerId={created['id']}")
    assert (gone.status, gone.json["detail"]) == (404, f"not found error: customer with id {created['id']} not found")


def test_a_subject_of_two_customers_counts_for_the_first_by_name(app: Application) -> None:
    zoe = ask(app, "POST", "/api/v1/customers", {"name": "Zoe", "key": "alice"}).json["id"]
    body = {"name": "Ann", "key": "ann", "usageAttribution": {"subjectKeys": ["alice"]}}
    ann = ask(app, "POST", "/api/v1/customers", body).json["id"]
    (row,) = post(app, filterCustomerId=[zoe, ann]).json["data"]
    assert (row["customerId"], row["value"]) == (ann, 3)


def test_days_of_a_zone(app: Application) -> None:
    rows = get(app, "?windowSize=DAY&windowTimeZone=Pacific/Auckland").json["data"]
    assert [(row["windowStart"], row["value"]) for row in rows] == [
        ("2024-01-11T00:00:00+13:00", 1),
        ("2024-01-12T00:00:00+13:00", 6),
    ]


@pytest.mark.parametrize(
    ("target", "status", "detail"),
    [
        ("?groupBy=nope", 400, "validation error: invalid group by: nope"),
        ("?windowTimeZone=x", 400, "validation error: invalid time zone: unknown time zone x"),
        ("?groupBy=value", 500, None),
        ("?groupBy=true", 500, None),
        ("?windowTimeZone=Local&windowSize=DAY", 500, None),
    ],
)
def test_refusals(app: Application, target: str, status: int, detail: str | None) -> None:
    answer = get(app, target)
    assert (answer.status, answer.json.get("detail")) == (status, detail)


def test_a_date_that_only_the_schema_takes_fails_as_in_openmeter(app: Application) -> None:
    assert post(app, **{"from": "2023-02-30T00:00:00Z"}).status == 500
    assert get(app, "?from=2023-02-30T00:00:00Z").status == 400


def test_csv(app: Application) -> None:
    ask(app, "POST", "/api/v1/subjects", [{"key": "bob", "displayName": "Bob"}])
    answer = get(app, "?groupBy=subject&windowSize=MONTH", CSV)
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["content-disposition"] == "attachment; filename=tokens.csv"
    assert answer.body.decode().splitlines() == [
        "window_start,window_end,subject,subject_display_name,value",
        "2024-01-01T00:00:00Z,2024-02-01T00:00:00Z,alice,,3.000000",
        "2024-01-01T00:00:00Z,2024-02-01T00:00:00Z,bob,Bob,4.000000",
    ]
    assert ask(app, "POST", f"{TOKENS}/query", {}, headers=CSV).body.decode().endswith(",7.000000\n")


@pytest.mark.parametrize("accept", ["text/csv", "TEXT/CSV", " text/csv ;q=0.9", 'text/csv; a="b;c"', "text/csv;"])
def test_one_media_type_asks_for_csv(app: Application, accept: str) -> None:
    assert get(app, headers={"accept": accept}).headers["content-type"] == "text/csv"


@pytest.mark.parametrize("accept", ["", "*/*", "text/*", "text/csv, application/json", "application/xml", "text/csv;x"])
def test_everything_else_asks_for_json(app: Application, accept: str) -> None:
    assert get(app, headers={"accept": accept}).headers["content-type"] == "application/json"


def test_a_deleted_meter_answers_by_its_id_alone(app: Application) -> None:
    meter = ask(app, "GET", TOKENS).json
    ask(app, "DELETE", TOKENS)
    assert get(app).status == 404
    assert values(ask(app, "GET", f"/api/v1/meters/{meter['id']}/query")) == [7]


def test_subjects_and_values_of_a_meter(app: Application) -> None:
    assert ask(app, "GET", f"{TOKENS}/subjects").json == ["alice", "bob"]
    assert ask(app, "GET", f"{TOKENS}/subjects?to=2024-01-11T00:00:00Z").json == ["alice"]
    assert ask(app, "GET", f"{TOKENS}/group-by/model/values?to=2025-01-01T00:00:00Z").json == ["", "a", "b"]
    assert ask(app, "GET", f"{TOKENS}/group-by/model/values").json == [], "the last day alone"
    refused = ask(app, "GET", f"{TOKENS}/group-by/nope/values")
    assert refused.json["detail"] == "validation error: group by key is not valid for this meter"


def test_the_portal_sees_one_subject_whatever_it_asks_for(app: Application) -> None:
    token = ask(app, "POST", "/api/v1/portal/tokens", {"subject": "alice"}).json["token"]
    headers = {"authorization": f"Bearer {token}"}
    target = "/api/v1/portal/meters/tokens/query?subject=bob&clientId=c&windowSize=DAY&filterGroupBy[model]=a"
    (row,) = ask(app, "GET", target, headers=headers).json["data"]
    assert (row["subject"], row["value"]) == ("alice", 1)
