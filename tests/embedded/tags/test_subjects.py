"""Subjects."""

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask


def upsert(app: Application, *items: object) -> Answer:
    return ask(app, "POST", "/api/v1/subjects", list(items))


def test_an_upsert_creates_and_then_patches(app: Application) -> None:
    created = upsert(app, {"key": "acme", "displayName": "Acme", "metadata": {"a": {"b": [1.5, 2]}}}).json[0]
    assert created["metadata"] == {"a": {"b": [1.5, 2]}}
    patched = upsert(app, {"key": "acme", "displayName": None, "stripeCustomerId": "cus_1"}).json[0]
    assert patched["id"] == created["id"]
    assert patched["metadata"] == created["metadata"]
    assert patched["stripeCustomerId"] == "cus_1"
    assert "displayName" not in patched
    assert upsert(app, {"key": "acme", "metadata": None}).json[0]["metadata"] == {}


def test_nothing_upserted_is_null(app: Application) -> None:
    assert upsert(app).body == b"null\n"


def test_what_stands_before_a_refused_item_stays_written(app: Application) -> None:
    twice = upsert(app, {"key": "one"}, {"key": "two"}, {"key": "two"}, {"key": "three"})
    assert (twice.status, twice.json["detail"]) == (409, "conflict error: subject with key already exists: two")
    empty = upsert(app, {"key": "four"}, {"key": ""})
    assert (empty.status, empty.json["detail"]) == (400, "validation error: key is required")
    stripe = upsert(app, {"key": "five"}, {"key": "six", "stripeCustomerId": "six"})
    assert (stripe.status, stripe.json["detail"]) == (400, "stripeCustomerId must start with cus_ when set")
    assert [subject["key"] for subject in ask(app, "GET", "/api/v1/subjects").json] == ["one", "two", "four"]


def test_an_existing_key_may_be_given_twice(app: Application) -> None:
    upsert(app, {"key": "acme"})
    answer = upsert(app, {"key": "acme", "displayName": "A"}, {"key": "acme", "stripeCustomerId": "cus_1"})
    assert answer.status == 200
    assert answer.json[1]["displayName"] == "A"


def test_a_deleted_subject_is_there_by_id_alone_and_its_key_is_free(app: Application) -> None:
    id_ = upsert(app, {"key": "acme"}).json[0]["id"]
    assert ask(app, "DELETE", "/api/v1/subjects/acme").status == 204
    assert ask(app, "DELETE", "/api/v1/subjects/acme").status == 404
    assert ask(app, "DELETE", f"/api/v1/subjects/{id_}").status == 204
    assert "deletedAt" in ask(app, "GET", f"/api/v1/subjects/{id_}").json
    assert ask(app, "GET", "/api/v1/subjects").json == []
    assert upsert(app, {"key": "acme"}).json[0]["id"] != id_
