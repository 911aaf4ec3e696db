from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask
from tests.embedded.tags.billing.scenes import (
    SUPPLIER,
    create_customer,
    create_profile,
    default_profile,
    install_custom_invoicing,
    override,
    profile_body,
    sandbox_id,
)

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PATH = "/api/v1/billing/profiles"


def _update(app: Application, id_: str, **changes: Any) -> Answer:
    body = {"name": "Own", "default": False, "supplier": SUPPLIER, "workflow": {}} | changes
    return ask(app, "PUT", f"{PATH}/{id_}", body)


def test_answers_to_writes_have_the_apps_in_full_and_those_to_reads_where_it_is_asked_for(app: Application) -> None:
    sandbox = sandbox_id(app)
    written = ask(app, "POST", PATH, profile_body(sandbox)).json
    id_ = written["id"]
    assert written["apps"]["tax"]["listing"]["type"] == "sandbox"
    assert _update(app, id_).json["apps"]["payment"]["name"] == "Sandbox"
    assert ask(app, "GET", f"{PATH}/{id_}").json["apps"]["tax"] == {"id": sandbox}
    assert ask(app, "GET", f"{PATH}/{id_}?expand=apps").json["apps"] == written["apps"]
    assert ask(app, "GET", f"{PATH}?expand=apps").json["items"][0]["apps"]["tax"] == {"id": sandbox}


def test_a_new_default_profile_takes_the_place_of_the_old_one(app: Application) -> None:
    first, sandbox = default_profile(app), sandbox_id(app)
    second = create_profile(app, sandbox, default=True)
    assert default_profile(app)["id"] == second
    third = create_profile(app, sandbox)
    assert _update(app, third, default=True).status == 200
    assert default_profile(app)["id"] == third
    defaults = [profile["default"] for profile in ask(app, "GET", PATH).json["items"]]
    assert defaults.count(True) == 1
    assert ask(app, "DELETE", f"{PATH}/{first['id']}").status == 204


def test_a_deleted_profile_can_be_read_and_deleted_again_but_not_changed(app: Application) -> None:
    id_ = create_profile(app, sandbox_id(app))
    assert [ask(app, "DELETE", f"{PATH}/{id_}").status for _ in range(2)] == [204, 204]
    assert "deletedAt" in ask(app, "GET", f"{PATH}/{id_}").json
    assert _update(app, id_).json["extensions"]["code"] == "profile_already_deleted"
    assert [profile["id"] for profile in ask(app, "GET", PATH).json["items"]] == [default_profile(app)["id"]]
    assert ask(app, "GET", f"{PATH}?includeArchived=true").json["totalCount"] == 2


def test_a_profile_with_customers_stays(app: Application) -> None:
    id_ = create_profile(app, sandbox_id(app))
    customer = create_customer(app, profile_id=id_)
    answer = ask(app, "DELETE", f"{PATH}/{id_}")
    assert (answer.status, answer.json["extensions"]["code"]) == (400, "profile_referenced")
    assert customer in answer.json["detail"]
    override(app, customer, create_profile(app, sandbox_id(app)))
    assert ask(app, "DELETE", f"{PATH}/{id_}").status == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_profile_is_not_found(app: Application, method: str) -> None:
    body = {"name": "Own", "default": False, "supplier": SUPPLIER, "workflow": {}} if method == "PUT" else None
    answer = ask(app, method, f"{PATH}/{NOWHERE}", body)
    assert (answer.status, answer.json["extensions"]["code"]) == (404, "profile_not_found")
    assert answer.json["detail"] == f"profile not found [id={NOWHERE}]"


def test_the_apps_of_a_profile_have_to_be_installed_and_the_same(app: Application) -> None:
    unknown = ask(app, "POST", PATH, profile_body(NOWHERE))
    assert (unknown.status, unknown.json["detail"]) == (
        404,
        f"not found error: app with id {NOWHERE} not found in default namespace",
    )
    mixed = {"tax": sandbox_id(app), "invoicing": install_custom_invoicing(app), "payment": sandbox_id(app)}
    answer = ask(app, "POST", PATH, profile_body("", apps=mixed))
    assert (answer.status, answer.json["detail"]) == (400, "all apps must be the same")


def test_lists_are_in_the_order_that_was_asked_for(app: Application) -> None:
    for name in ("Zebra", "Aardvark"):
        create_profile(app, sandbox_id(app), name=name)

    def names(query: str) -> list[str]:
        return [profile["name"] for profile in ask(app, "GET", f"{PATH}?{query}").json["items"]]

    assert names("") == ["Aardvark", "Zebra", "openmeter-sandbox"]
    assert names("orderBy=name&order=ASC") == ["Aardvark", "Zebra", "openmeter-sandbox"]
    assert names("orderBy=createdAt&order=ASC") == ["openmeter-sandbox", "Zebra", "Aardvark"]
    assert names("orderBy=default&pageSize=1") == ["openmeter-sandbox"]
    assert names("pageSize=1&page=2") == ["Zebra"]
