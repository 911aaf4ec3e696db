"""Portal tokens over the API."""

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask

QUERY = "/api/v1/portal/meters/calls/query"


@pytest.fixture(autouse=True)
def meter(app: Application) -> None:
    ask(app, "POST", "/api/v1/meters", {"slug": "calls", "aggregation": "COUNT", "eventType": "request"})


def test_a_token_opens_the_query_of_its_subject(app: Application) -> None:
    answer = ask(app, "POST", "/api/v1/portal/tokens", {"subject": "acme", "allowedMeterSlugs": ["calls"]})
    assert answer.status == 200
    token = answer.json["token"]
    assert set(answer.json) == {"id", "subject", "expiresAt", "allowedMeterSlugs", "token"}
    assert ask(app, "GET", QUERY, headers={"Authorization": f"Bearer {token}"}).status == 200
    bad = ask(app, "GET", f"{QUERY}?windowSize=YEAR", headers={"Authorization": f"Bearer {token}"})
    assert bad.status == 400
    assert ask(app, "GET", f"{QUERY}?from=soon").status == 400, "binding comes before the token"
    assert ask(app, "GET", f"{QUERY}?windowSize=YEAR").status == 401, "the token comes before validation"


def test_tokens_outlive_the_server(app: Application, store: Store) -> None:
    token = ask(app, "POST", "/api/v1/portal/tokens", {"subject": "acme"}).json["token"]
    assert ask(build_app(store), "GET", QUERY, headers={"Authorization": f"Bearer {token}"}).status == 200


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (
            {"subject": "a", "allowedMeterSlugs": []},
            400,
            "validation error: slug filter cannot be an empty array when provided",
        ),
        ({"subject": "a", "allowedMeterSlugs": ["none"]}, 404, "not found error: meter not found: none"),
        ({"subject": ""}, 500, None),
        ({"subject": "a", "expiresAt": "2000-01-01T00:00:00Z"}, 500, None),
        ({"subject": "a", "expiresAt": "2999-02-30T00:00:00Z"}, 500, None),
    ],
)
def test_what_no_token_is_made_of(app: Application, body: object, status: int, detail: str | None) -> None:
    answer = ask(app, "POST", "/api/v1/portal/tokens", body)
    assert (answer.status, answer.json.get("detail")) == (status, detail)


def test_an_expiry_is_echoed_as_it_was_sent(app: Application) -> None:
    body = {"subject": "acme", "expiresAt": "2999-01-01T00:00:00.120+01:00"}
    assert ask(app, "POST", "/api/v1/portal/tokens", body).json["expiresAt"] == "2999-01-01T00:00:00.12+01:00"


def test_openmeter_neither_lists_nor_takes_back(app: Application) -> None:
    listing = ask(app, "GET", "/api/v1/portal/tokens")
    assert (listing.status, listing.json["detail"]) == (501, "not implemented error: listing tokens")
    taking = ask(app, "POST", "/api/v1/portal/tokens/invalidate", {})
    assert (taking.status, taking.json["detail"]) == (501, "not implemented error: invalidate tokens")


def test_a_portal_that_is_off(store: Store) -> None:
    app = build_app(store, ServerSettings(portal_enabled=False))
    for answer in (
        ask(app, "POST", "/api/v1/portal/tokens", {"subject": "acme"}),
        ask(app, "GET", "/api/v1/portal/tokens"),
        ask(app, "POST", "/api/v1/portal/tokens/invalidate", {}),
    ):
        assert (answer.status, answer.json["detail"]) == (501, "not implemented error: noop adapter")
    closed = ask(app, "GET", QUERY, headers={"Authorization": "Bearer x"})
    assert (closed.status, closed.json["detail"]) == (401, "invalid token: not implemented error: noop adapter")
