"""What apps know of a customer, on a server that has a sandbox alone."""

from typing import Any

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask

NO_APP = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def customer(app: Application) -> str:
    return str(ask(app, "POST", "/api/v1/customers", {"name": "Acme", "key": "acme"}).json["id"])


def _profiles(app: Application, query: str = "") -> Any:
    return ask(app, "GET", f"/api/v1/billing/profiles?{query}").json


def _sandbox(app: Application) -> str:
    return str(_profiles(app)["items"][0]["apps"]["invoicing"]["id"])


def _put(app: Application, *items: Any, key: str = "acme") -> Answer:
    return ask(app, "PUT", f"/api/v1/customers/{key}/apps", list(items))


def test_a_fresh_server_has_one_profile_with_its_sandbox_and_a_restart_makes_no_second(store: Store) -> None:
    first, again = _profiles(build_app(store)), _profiles(build_app(store))
    assert first == again
    (profile,) = first["items"]
    assert (profile["name"], profile["default"], first["totalCount"]) == ("openmeter-sandbox", True, 1)
    assert len({app["id"] for app in profile["apps"].values()}) == 1
    assert _profiles(build_app(store), "page=2")["items"] == []


def test_a_sandbox_takes_everything_and_keeps_nothing(app: Application, customer: str) -> None:
    sandbox = _sandbox(app)
    for item in ({"type": "sandbox"}, {"type": "sandbox", "id": sandbox}):
        answer = _put(app, item)
        assert (answer.status, answer.body) == (200, b"")
    mistaken = {"type": "stripe", "id": sandbox, "stripeCustomerId": "cus_1"}
    assert _put(app, mistaken).status == 200  # the kind of the app counts
    listed = ask(app, "GET", f"/api/v1/customers/{customer}/apps?pageSize=5").json
    assert listed == {"items": [], "page": 1, "pageSize": 5, "totalCount": 0}
    for _ in range(2):
        assert ask(app, "DELETE", f"/api/v1/customers/acme/apps/{sandbox}").status == 204


def test_an_app_that_is_not_there_is_refused(app: Application, customer: str) -> None:
    absent = _put(app, {"type": "sandbox"}, {"type": "stripe", "stripeCustomerId": "cus_1"})
    assert absent.status == 412
    text = f"precondition failed error: no stripe app found in billing profile for customer {customer}"
    assert absent.json["detail"] == text
    unknown = f"not found error: app with id {NO_APP} not found in default namespace"
    refused = [
        _put(app, {"type": "sandbox", "id": NO_APP}),
        ask(app, "DELETE", f"/api/v1/customers/acme/apps/{NO_APP}"),
    ]
    assert [(answer.status, answer.json["detail"]) for answer in refused] == [(404, unknown)] * 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "stripe", None), ("PUT", "stripe", {"stripeCustomerId": "cus_1"}), ("POST", "stripe/portal", {})],
)
def test_stripe_is_not_there_either(app: Application, customer: str, method: str, path: str, body: Any) -> None:
    answer = ask(app, method, f"/api/v1/customers/{customer}/{path}", body)
    assert answer.status == 412
    assert answer.json["detail"].endswith(f"no stripe app found in billing profile for customer {customer}")


@pytest.mark.parametrize("path", ["apps", "stripe", "subscriptions"])
def test_nothing_of_a_customer_that_is_gone_is_shown(app: Application, customer: str, path: str) -> None:
    assert ask(app, "GET", f"/api/v1/customers/nobody/{path}").status == 404
    ask(app, "DELETE", "/api/v1/customers/acme")
    deleted = ask(app, "GET", f"/api/v1/customers/{customer}/{path}")
    assert deleted.status == 412
    assert "customer is deleted" in deleted.json["detail"]
