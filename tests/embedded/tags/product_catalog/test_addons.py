"""Add-ons and the add-ons of plans over HTTP."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask
from tests.embedded.domain.catalog.examples import Body, addon, flat, phase, plan, usage

ADDONS, PLANS = "/api/v1/addons", "/api/v1/plans"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def created(app: Application, *cards: Body, **changes: Any) -> Any:
    answer = ask(app, "POST", ADDONS, addon(*cards, **changes))
    assert answer.status == 201, answer.body
    return answer.json


def published(app: Application, *cards: Body, **changes: Any) -> Any:
    answer = ask(app, "POST", f"{ADDONS}/{created(app, *cards, **changes)['id']}/publish")
    assert answer.status == 200, answer.body
    return answer.json


@pytest.fixture
def draft(app: Application) -> Any:
    return ask(app, "POST", PLANS, plan(phase(flat("seat")))).json


def assign(app: Application, to: Body, what: Body, **changes: Any) -> Answer:
    return ask(app, "POST", f"{PLANS}/{to['id']}/addons", {"addonId": what["id"], "fromPlanPhase": "main", **changes})


def codes(answer: Answer) -> list[str]:
    assert (answer.status, answer.json["detail"]) == (400, "invalid add-on")
    return [issue["code"] for issue in answer.json["extensions"]["validationErrors"]]


def test_the_life_of_an_add_on(app: Application) -> None:
    made = created(app, rateCards=[], metadata={})
    assert (made["status"], made["version"]) == ("draft", 1)
    assert [issue["code"] for issue in made["validationErrors"]] == ["addon_has_no_rate_cards"]
    assert "metadata" not in made
    by_id = f"{ADDONS}/{made['id']}"
    assert codes(ask(app, "POST", f"{by_id}/publish")) == ["addon_has_no_rate_cards"]
    assert codes(ask(app, "POST", f"{by_id}/archive")) == ["addon_invalid_status"]
    assert ask(app, "PUT", by_id, addon(flat("seat"), name="New")).json["name"] == "New"
    assert ask(app, "GET", f"{ADDONS}/extra").status == 404

    active = ask(app, "POST", f"{by_id}/publish").json
    assert ask(app, "GET", f"{ADDONS}/extra").json == active
    assert codes(ask(app, "PUT", by_id, addon())) == ["addon_invalid_status"]
    assert codes(ask(app, "DELETE", by_id)) == ["addon_invalid_status"]
    assert codes(ask(app, "POST", f"{by_id}/publish")) == ["addon_invalid_status_for_publish"]
    assert ask(app, "POST", f"{by_id}/archive").json["status"] == "archived"
    assert [ask(app, "DELETE", by_id).status for _ in range(2)] == [204, 204]
    refused = ask(app, "POST", f"{by_id}/archive").json["detail"]
    assert refused == "validation error: cannot archive a deleted add-on"


def test_a_second_version_takes_over(app: Application) -> None:
    first, second = published(app), published(app)
    assert (first["version"], second["version"]) == (1, 2)
    before = ask(app, "GET", f"{ADDONS}/{first['id']}").json
    assert (before["status"], before["effectiveTo"]) == ("archived", second["effectiveFrom"])
    created(app)
    assert ask(app, "POST", ADDONS, addon()).json["detail"] == (
        "validation error: only a single draft version is allowed for add-on"
    )
    assert ask(app, "GET", f"{ADDONS}/extra?includeLatest=true").json["version"] == 3


def test_filters_narrow_a_list_of_add_ons(app: Application) -> None:
    published(app)
    created(app, key="other")
    listed = ask(app, "GET", f"{ADDONS}?key=extra&key=other&status=draft").json
    assert [found["key"] for found in listed["items"]] == ["other"]


def test_what_cannot_be_read_makes_it_fail_as_openmeter_does(app: Application) -> None:
    for body in (addon(currency="ABC"), addon(flat("x", billingCadence="x"))):
        assert ask(app, "POST", ADDONS, body).status == 500
    assert ask(app, "GET", ADDONS).json["totalCount"] == 0


def test_features_that_are_not_there_are_refused(app: Application) -> None:
    answer = ask(app, "POST", ADDONS, addon(usage("none")))
    assert codes(answer) == ["rate_card_feature_not_found"]
    assert answer.json["extensions"]["validationErrors"][0]["field"] == "$.ratecards[?(@.key=='none')].featureKey"


def test_the_life_of_an_assignment(app: Application, draft: Body) -> None:
    extra = published(app, instanceType="multiple")
    made = assign(app, draft, extra, maxQuantity=3, metadata={"a": "1"})
    assert made.status == 201
    assert (made.json["addon"], made.json["maxQuantity"], made.json["validationErrors"]) == (extra, 3, None)
    assert not {"metadata", "id", "planId", "addonId"} & set(made.json)
    one = f"{PLANS}/{draft['id']}/addons/{extra['id']}"
    assert ask(app, "GET", one).json == made.json
    assert ask(app, "GET", f"{PLANS}/pro/addons/extra").json == made.json
    again = assign(app, draft, extra)
    names = f"[namespace=default plan.id={draft['id']} addon.id={extra['id']}]"
    text = f"conflict error: plan add-on assignment already exists {names}"
    assert (again.status, again.json["detail"]) == (409, text)
    changed = ask(app, "PUT", one, {"fromPlanPhase": "main", "metadata": {"b": "2"}}).json
    assert ("maxQuantity" in changed, changed["metadata"]) == (False, {"b": "2"})
    assert codes(ask(app, "PUT", one, {"fromPlanPhase": "main", "maxQuantity": 0})) == [
        "plan_addon_max_quantity_must_be_set"
    ]
    refused = ask(app, "DELETE", f"{ADDONS}/{extra['id']}")
    assert refused.json["detail"].endswith("add-on has active assignments")
    assert [ask(app, "DELETE", one).status for _ in range(2)] == [204, 404]
    assert ask(app, "GET", f"{PLANS}/pro/addons").json["totalCount"] == 0
    assert ask(app, "GET", f"{PLANS}/pro/addons?includeDeleted=true").json["totalCount"] == 1


def test_what_does_not_fit_is_told_and_keeps_the_plan_from_being_published(app: Application, draft: Body) -> None:
    made = assign(app, draft, published(app, flat("seat", billingCadence="P1Y")), fromPlanPhase="none", maxQuantity=1)
    assert made.status == 201
    assert [issue["code"] for issue in made.json["validationErrors"]] == [
        "plan_addon_max_quantity_must_not_be_set",
        "plan_addon_unknown_plan_phase_key",
    ]
    answer = ask(app, "POST", f"{PLANS}/{draft['id']}/publish")
    assert answer.json["detail"] == "invalid plan"
    (issue,) = answer.json["extensions"]["validationErrors"]
    assert (issue["code"], "field" in issue) == ("plan_has_incompatible_addon", False)


def test_a_quantity_that_no_integer_holds_is_refused(app: Application, draft: Body) -> None:
    answer = assign(app, draft, published(app, instanceType="multiple"), maxQuantity=10**30)
    assert (answer.status, answer.json["detail"][:12]) == (400, "decode json:")


def test_plans_in_force_keep_their_add_ons(app: Application, draft: Body) -> None:
    extra = published(app)
    assign(app, draft, extra)
    assert ask(app, "POST", f"{PLANS}/{draft['id']}/publish").status == 200
    one = f"{PLANS}/{draft['id']}/addons/{extra['id']}"
    for answer in (ask(app, "PUT", one, {"fromPlanPhase": "main"}), ask(app, "DELETE", one)):
        assert (answer.status, answer.json["detail"]) == (
            400,
            "validation error: invalid active status, allowed statuses: [draft scheduled]",
        )
    assert assign(app, draft, published(app, key="other")).status == 400


def test_parts_that_are_not_there(app: Application, draft: Body) -> None:
    missing = {"id": UNKNOWN}
    assert assign(app, draft, missing).json["detail"] == (
        f"not found error: failed to get add-on: not found error: add-on not found. [namespace=default id={UNKNOWN}]"
    )
    assert assign(app, missing, published(app)).json["detail"] == (
        f"not found error: failed to get Plan: not found error: plan not found. [namespace=default id={UNKNOWN}]"
    )
    assert assign(app, draft, created(app, key="draft")).status == 400
    assert ask(app, "GET", f"{PLANS}/pro/addons/none").status == 404
    assert ask(app, "GET", f"{PLANS}/none/addons").json["items"] == []


def test_a_list_also_has_the_add_ons_that_it_names_of_other_plans(app: Application, draft: Body) -> None:
    other = ask(app, "POST", PLANS, plan(key="other")).json
    first, second = published(app), published(app, key="second")
    assign(app, draft, first)
    assign(app, other, second)
    mine = ask(app, "GET", f"{PLANS}/pro/addons").json["items"]
    both = ask(app, "GET", f"{PLANS}/pro/addons?key=second&order=ASC").json["items"]
    assert [[found["addon"]["key"] for found in found_list] for found_list in (mine, both)] == [
        ["extra"],
        ["extra", "second"],
    ]
