"""Customers: create, read, replace, delete, list."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

ACME = {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["b", "a"]}}


def create(app: Application, **body: Any) -> Answer:
    return ask(app, "POST", "/api/v1/customers", body)


def replace(app: Application, id_or_key: str, /, **body: Any) -> Answer:
    return ask(app, "PUT", f"/api/v1/customers/{id_or_key}", body)


def names(app: Application, query: str = "") -> str:
    return "".join(customer["name"] for customer in ask(app, "GET", f"/api/v1/customers?{query}").json["items"])


def test_a_customer_brings_its_subjects_along(app: Application) -> None:
    created = create(app, **ACME, metadata={}, billingAddress={})
    assert created.status == 201
    customer = created.json
    assert customer["usageAttribution"] == {"subjectKeys": ["a", "b"]}
    assert not {"metadata", "billingAddress", "description"} & set(customer)
    provisioned = ask(app, "GET", "/api/v1/subjects/a").json
    assert provisioned["metadata"] == {"createdBy": "subject.provisioner", "customerId": customer["id"]}
    for key in ("acme", customer["id"]):
        assert ask(app, "GET", f"/api/v1/customers/{key}").json == customer


def test_a_put_replaces_with_holes(app: Application) -> None:
    create(app, **ACME, description="d", metadata={"a": "b"}, primaryEmail="a@b", currency="EUR")
    replace(app, "acme", name="Acme", key="acme", billingAddress={"city": "Budapest", "country": "HU"})
    moved = replace(app, "acme", name="New", key="acme", billingAddress={"city": "Wien"}).json
    assert moved["billingAddress"] == {"city": "Wien", "country": "HU"}
    assert (moved["name"], moved["primaryEmail"], moved["currency"]) == ("New", "a@b", "EUR")
    assert not {"description", "metadata", "usageAttribution"} & set(moved)
    assert "billingAddress" not in replace(app, "acme", name="New", key="acme").json


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"key": "acme"}, 409, 'key "acme" is already used by an another customer in the namespace default'),
        ({"key": "a"}, 409, "key a overlaps with subject of another customer: {id}"),
        ({"key": "{id}"}, 409, "key {id} overlaps with id of another customer"),
        (
            {"usageAttribution": {"subjectKeys": ["new", "b"]}},
            409,
            (
                "one or multiple subject keys of [new, b]"
                " are already associated with an different customer in the namespace default"
            ),
        ),
        (
            {"usageAttribution": {"subjectKeys": ["new", "new"]}},
            409,
            (
                "one or multiple subject keys of [new, new]"
                " are already associated with an different customer in the namespace default"
            ),
        ),
        (
            {},
            400,
            (
                "error creating customer: validation error: validation error:"
                " either key or usageAttribution.subjectKeys must be provided"
            ),
        ),
        (
            {"key": "x", "currency": "ZZZ"},
            400,
            (
                "error creating customer: validation error: validation error: validation error:"
                " invalid fiat currency code: ZZZ"
            ),
        ),
    ],
)
def test_what_a_second_customer_may_not_be(app: Application, body: dict[str, Any], status: int, detail: str) -> None:
    id_ = create(app, **ACME).json["id"]
    answer = create(app, name="Other", **{name: id_ if value == "{id}" else value for name, value in body.items()})
    kind = {409: "conflict error", 400: "validation error"}[status]
    assert (answer.status, answer.json["detail"]) == (status, f"{kind}: {detail.replace('{id}', id_)}")
    assert names(app) == "Acme"


def test_the_id_of_a_subject_is_no_subject_key(app: Application) -> None:
    subject = ask(app, "POST", "/api/v1/subjects", [{"key": "s"}]).json[0]["id"]
    answer = create(app, name="Acme", usageAttribution={"subjectKeys": [subject, "fresh"]})
    assert answer.status == 400
    assert answer.json["detail"].startswith("validation error: use subject key instead of id for usage attribution [")
    assert names(app) == ""
    assert ask(app, "GET", "/api/v1/subjects/fresh").status == 404


def test_a_deleted_customer_is_there_by_id_alone_and_frees_what_it_had(app: Application) -> None:
    id_ = create(app, **ACME).json["id"]
    assert ask(app, "DELETE", "/api/v1/customers/acme").status == 204
    assert ask(app, "GET", "/api/v1/customers/acme").status == 404
    left = ask(app, "GET", f"/api/v1/customers/{id_}").json
    assert left["usageAttribution"] == {"subjectKeys": ["a", "b"]}
    assert "deletedAt" in left
    text = f"precondition failed error: customer is deleted [namespace=default customer.id={id_}]"
    for answer in (ask(app, "DELETE", f"/api/v1/customers/{id_}"), replace(app, id_, name="x", key="y")):
        assert (answer.status, answer.json["detail"]) == (412, text)
    assert create(app, **ACME).status == 201


def test_lists_filter_sort_and_page(app: Application) -> None:
    for name in ("C", "A", "B"):
        create(
            app, name=name, key=f"key-{name}", primaryEmail=f"{name}@x", usageAttribution={"subjectKeys": [f"s-{name}"]}
        )
    ask(app, "DELETE", "/api/v1/customers/key-B")
    assert names(app) == "AC"
    assert names(app, "order=DESC") == "CA"
    assert names(app, "orderBy=createdAt") == "CA"
    assert names(app, "includeDeleted=true&orderBy=id") == "CAB"
    assert (
        names(app, "key=EY-a")
        == names(app, "primaryEmail=a%40")
        == names(app, "subject=S-A")
        == names(app, "name=a")
        == "A"
    )
    assert names(app, "includeDeleted=true&subject=s-b") == ""
    assert names(app, "planKey=pro") == ""
    assert names(app, "key=%25") == ""
    page = ask(app, "GET", "/api/v1/customers?page=2&pageSize=1").json
    assert (page["page"], page["pageSize"], page["totalCount"], page["items"][0]["name"]) == (2, 1, 2, "C")
    assert ask(app, "GET", "/api/v1/customers?page=9").json["items"] == []


def test_an_empty_filter_is_refused(app: Application) -> None:
    answer = ask(app, "GET", "/api/v1/customers?key=&subject=")
    mismatch = "filter: validation error: filter is invalid: format mismatch"
    assert answer.json["detail"] == (
        f"validation error: validation error: validation error: invalid key {mismatch}\n"
        f"validation error: invalid usage attribution subject key {mismatch}"
    )
