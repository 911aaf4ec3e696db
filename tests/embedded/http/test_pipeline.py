"""What every request gets, whatever it asks for."""

import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from devkit.core.contract import contract
from devkit.embedded.app import HANDLERS, build_app
from devkit.embedded.http.calls import Call, Reply, ServerSettings
from devkit.embedded.http.pipeline import Application
from devkit.embedded.http.routing import Route
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask

SUBJECT = [{"key": "acme"}]


def with_route(store: Store, route: Route) -> Application:
    """An application that answers one operation with a handler of the test's own."""
    return build_app(store, routes={route.operation: route})


def test_every_answer_is_powered_by_openmeter(app: Application) -> None:
    for target in ("/api/v1/subjects", "/api/v1/nothing", "/version"):
        assert ask(app, "GET", target).headers["x-powered-by"] == "OpenMeter by Kong, Inc."


def test_a_problem_names_the_request_by_the_id_it_brought(app: Application) -> None:
    answer = ask(app, "GET", "/api/v1/subjects/nobody", headers={"X-Request-Id": "my <id>"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body == (
        b'{"type":"about:blank","title":"Not Found","status":404,"detail":"not found error: subject not found'
        b' [namespace=default subject.idOrKey=nobody]","instance":"urn:request:my \\u003cid\\u003e"}\n'
    )


def test_requests_without_an_id_get_one_each(app: Application) -> None:
    first, second = (ask(app, "GET", "/api/v1/subjects/nobody").json["instance"] for _ in range(2))
    assert first.startswith("urn:request:")
    assert first != second


@pytest.mark.parametrize(
    "target", ["/api/v1/nothing", "/api/v1/subjects/", "/api/v1/meters/", "/", "/api/v1/meters/a/b"]
)
def test_an_unknown_path_is_404_without_a_detail(app: Application, target: str) -> None:
    answer = ask(app, "GET", target)
    assert answer.status == 404
    assert set(answer.json) == {"type", "title", "status", "instance"}


@pytest.mark.parametrize(("method", "target"), [("HEAD", "/api/v1/subjects"), ("PATCH", "/api/v1/meters/a")])
def test_a_known_path_with_another_method_is_405_without_a_detail(app: Application, method: str, target: str) -> None:
    answer = ask(app, method, target)
    assert answer.status == 405
    assert "detail" not in answer.json


def test_an_operation_without_a_handler_is_501_and_names_itself(store: Store) -> None:
    answer = ask(build_app(store, routes={}), "POST", "/api/v1/plans", {})
    assert answer.status == 501
    assert answer.json["title"] == "Not Implemented"
    assert answer.json["detail"] == "operation createPlan is not implemented by devkit's embedded server"


# What OpenMeter itself answers 501; voiding only once the body has been found right.
NOT_IMPLEMENTED = {
    "listPortalTokens",
    "marketplaceOAuth2InstallAuthorize",
    "marketplaceOAuth2InstallGetURL",
    "recalculateInvoiceTaxAction",
}


def test_every_operation_of_the_contract_has_an_answer(app: Application) -> None:
    assert set(HANDLERS) == set(contract().operations)
    for operation in contract().operations.values():
        path = operation.path
        for parameter in operation.parameters:
            value = "stripe" if parameter.name == "type" else "01ARZ3NDEKTSV4RRFFQ69G5FAV"
            path = path.replace(f"{{{parameter.name}}}", value)
        status = ask(app, operation.method, path).status
        assert (status == 501) == (operation.id in NOT_IMPLEMENTED), operation.id


def test_a_body_over_the_limit_is_413_and_is_not_read(store: Store) -> None:
    app = build_app(store, ServerSettings(max_body_bytes=100))
    declared = ask(app, "POST", "/api/v1/subjects", b"x", headers={"content-length": "101"})
    streamed = ask(app, "POST", "/api/v1/subjects", chunks=[b"x" * 60, b"x" * 60, b"x" * 60])
    for answer in (declared, streamed):
        assert answer.status == 413
        assert answer.json["title"] == "Request Entity Too Large"
        assert "longer than 100 bytes" in answer.json["detail"]
        assert answer.headers["connection"] == "close"


def test_a_body_in_pieces_is_one_body(app: Application) -> None:
    assert ask(app, "POST", "/api/v1/subjects", chunks=[b'[{"key":', b'"acme"', b"}]"]).json[0]["key"] == "acme"


def test_an_unknown_failure_is_500_without_a_detail_and_stands_in_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Call) -> Reply:
        raise KeyError("a secret")

    with caplog.at_level(logging.ERROR):
        answer = ask(with_route(store, Route("listSubjects", fail)), "GET", "/api/v1/subjects")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert set(answer.json) == {"type", "title", "status", "instance"}
    assert "a secret" in caplog.text
    assert "listSubjects" in caplog.text


def test_a_store_that_cannot_be_written_is_503_with_its_reason(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def full(_: Call) -> Reply:
        raise sqlite3.OperationalError("database or disk is full")

    with caplog.at_level(logging.ERROR):
        answer = ask(with_route(store, Route("upsertSubject", full)), "POST", "/api/v1/subjects", SUBJECT)
    assert (answer.status, answer.json["title"]) == (503, "Service Unavailable")
    assert "disk is full" in answer.json["detail"]
    assert "upsertSubject" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_refused_write_leaves_nothing_behind(store: Store) -> None:
    def half(call: Call) -> Reply:
        call.store.records.put("subject", {"id": "1", "createdAt": "now"}, key="half")
        raise KeyError

    ask(with_route(store, Route("upsertSubject", half)), "POST", "/api/v1/subjects", SUBJECT)
    assert store.records.all("subject") == []


def test_the_portal_is_open_to_other_origins_and_nothing_else_is(app: Application) -> None:
    origin = {"Origin": "https://shop.example"}
    portal = ask(app, "GET", "/api/v1/portal/meters/calls/query", headers=origin)
    assert portal.status == 401
    assert portal.headers["access-control-allow-origin"] == "https://shop.example"
    assert portal.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in ask(app, "GET", "/api/v1/meters", headers=origin).headers


def preflight(app: Application, method: str, **more: str) -> Mapping[str, str]:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": method, **more}
    answer = ask(app, "OPTIONS", "/api/v1/portal/meters/calls/query", headers=headers)
    assert (answer.status, answer.body) == (200, b"")
    return answer.headers


def test_a_preflight_of_the_portal_allows_get_alone(app: Application) -> None:
    allowed = preflight(app, "GET", **{"Access-Control-Request-Headers": "authorization"})
    assert allowed["access-control-allow-methods"] == "GET"
    assert allowed["access-control-allow-headers"] == "Authorization"
    assert allowed["access-control-max-age"] == "1728000"
    assert "access-control-allow-methods" not in preflight(app, "POST")
    assert "access-control-allow-methods" not in preflight(app, "GET", **{"Access-Control-Request-Headers": "x-own"})
    assert ask(app, "OPTIONS", "/api/v1/portal/meters/calls/query").status == 405


@pytest.mark.parametrize(
    ("target", "media_type"),
    [
        ("/healthz", "text/plain; charset=utf-8"),
        ("/healthz/live", "text/plain; charset=utf-8"),
        ("/healthz/ready", "text/plain; charset=utf-8"),
        ("/version", "text/plain; charset=utf-8"),
        ("/api/swagger.json", "application/json"),
    ],
)
def test_the_routes_beside_the_contract_answer(app: Application, target: str, media_type: str) -> None:
    answer = ask(app, "GET", target)
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    assert answer.body


def test_the_owner_knows_its_server_again(app: Application) -> None:
    body: dict[str, Any] = ask(app, "GET", "/_devkit/instance").json
    assert body["instance"] == "token"
    assert isinstance(body["pid"], int)


def test_the_contract_is_served(app: Application) -> None:
    assert len(ask(app, "GET", "/api/swagger.json").json["paths"]) == len(
        {operation.path for operation in contract().operations.values()}
    )


def test_paths_are_unescaped_as_often_as_openmeter_does_it(app: Application) -> None:
    ask(app, "POST", "/api/v1/subjects", [{"key": "a/b"}, {"key": "50%"}])
    assert ask(app, "GET", "/api/v1/subjects/a%2Fb").json["key"] == "a/b"
    assert ask(app, "GET", "/api/v1/subjects/50%2525").json["key"] == "50%"
    once = ask(app, "GET", "/api/v1/subjects/50%25")
    assert once.status == 400
    assert "error unescaping path parameter 'subjectIdOrKey': invalid URL escape \"%\"" in once.json["detail"]
