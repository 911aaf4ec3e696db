"""Plans over HTTP: their life from draft to deletion, versions, references, lists."""

from typing import Any

import pytest

from devkit.embedded.domain.issues import STATUS_ATTRIBUTE
from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask
from tests.embedded.domain.catalog.examples import Body, flat, phase, plan, usage

PLANS = "/api/v1/plans"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture(autouse=True)
def features(app: Application) -> None:
    ask(app, "POST", "/api/v1/meters", {"slug": "calls", "aggregation": "COUNT", "eventType": "call"})
    ask(app, "POST", "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    ask(app, "POST", "/api/v1/features", {"key": "perk", "name": "Perk"})


def created(app: Application, *phases: Body, **changes: Any) -> Any:
    answer = ask(app, "POST", PLANS, plan(*phases, **changes))
    assert answer.status == 201, answer.body
    return answer.json


def act(app: Application, found: Body, action: str) -> Answer:
    return ask(app, "POST", f"{PLANS}/{found['id']}/{action}")


def issues(answer: Answer) -> list[tuple[str | None, str]]:
    found = answer.json["extensions"]["validationErrors"]
    return [(issue.get("field"), issue.get("code", issue["message"])) for issue in found]


def test_the_life_of_a_plan(app: Application) -> None:
    draft = created(app, description="", metadata={})
    assert (draft["status"], draft["version"], draft["validationErrors"]) == ("draft", 1, None)
    assert (draft["description"], draft["metadata"]) == ("", {})
    by_id, by_key = f"{PLANS}/{draft['id']}", f"{PLANS}/pro"
    assert ask(app, "GET", by_id).json == draft
    assert ask(app, "GET", by_key).status == 404
    assert ask(app, "GET", f"{by_key}?includeLatest=true").json == draft

    active = act(app, draft, "publish").json
    assert (active["status"], ask(app, "GET", by_key).json) == ("active", active)
    assert ask(app, "DELETE", by_id).status == 400
    assert act(app, draft, "publish").status == 400

    archived = act(app, draft, "archive").json
    assert (archived["status"], archived["effectiveFrom"]) == ("archived", active["effectiveFrom"])
    assert ask(app, "DELETE", by_id).status == 204
    assert ask(app, "DELETE", by_id).status == 204
    assert "deletedAt" in ask(app, "GET", by_id).json
    assert ask(app, "GET", PLANS).json["totalCount"] == 0
    assert ask(app, "GET", f"{PLANS}?includeDeleted=true").json["totalCount"] == 1


def test_the_next_version_ends_the_one_in_force_without_a_gap(app: Application) -> None:
    first = created(app)
    act(app, first, "publish")
    second = ask(app, "POST", f"{PLANS}/pro/next")
    assert (second.status, second.json["version"], second.json["phases"]) == (200, 2, first["phases"])
    assert (
        ask(app, "POST", f"{PLANS}/pro/next").json["detail"].endswith("only a single draft version is allowed for Plan")
    )
    begun = act(app, second.json, "publish").json["effectiveFrom"]
    before = ask(app, "GET", f"{PLANS}/{first['id']}").json
    assert (before["status"], before["effectiveTo"]) == ("archived", begun)


def test_an_old_version_has_no_second_successor(app: Application) -> None:
    first = created(app)
    act(app, first, "publish")
    act(app, ask(app, "POST", f"{PLANS}/pro/next").json, "publish")
    assert act(app, first, "next").status == 500
    assert ask(app, "POST", f"{PLANS}/{UNKNOWN}/next").json["detail"] == (
        "validation error: no versions available for this plan"
    )


def test_the_number_of_a_deleted_version_is_not_used_again(app: Application) -> None:
    ask(app, "DELETE", f"{PLANS}/{created(app)['id']}")
    assert created(app)["version"] == 2


@pytest.mark.parametrize("key", ["none", "gone"])
def test_features_that_are_not_there_refuse_a_draft(app: Application, key: str) -> None:
    if key == "gone":
        ask(app, "POST", "/api/v1/features", {"key": "gone", "name": "Gone"})
        ask(app, "DELETE", "/api/v1/features/gone")
    answer = ask(app, "POST", PLANS, plan(phase(usage(key), flat("other", featureKey="other"))))
    assert (answer.status, answer.json["detail"]) == (400, "invalid plan")
    path = "$.phases[?(@.key=='!UNSUPPORTED')].ratecards[?(@.key=='{}')].featureKey"
    assert issues(answer) == [(path.format(name), "rate_card_feature_not_found") for name in (key, "other")]
    assert ask(app, "GET", PLANS).json["totalCount"] == 0


def test_publishing_takes_warnings_for_errors(app: Application) -> None:
    card = usage("perk", entitlementTemplate={"type": "metered"})
    draft = created(app, phase(card, key="one"), phase(key="two", duration="P1M"))
    one, two = "$.phases[?(@.key=='one')]", "$.phases[?(@.key=='two')]"
    kept = [
        (f"{one}.duration", "plan_has_non_last_phase_with_no_duration"),
        (
            f"{one}.ratecards[?(@.key=='perk')].entitlementTemplate.issueAfterReset",
            "entitlement_template_issue_after_reset_required",
        ),
        (f"{two}.duration", "plan_has_last_phase_with_duration"),
        (f"{two}.rateCards", "plan_phase_has_no_rate_cards"),
    ]
    assert [(issue["field"], issue["code"]) for issue in draft["validationErrors"]] == kept
    assert all(issue["attributes"] == {STATUS_ATTRIBUTE: 400} for issue in draft["validationErrors"])
    answer = act(app, draft, "publish")
    no_meter = (f"{one}.rateCards[?(@.key=='perk')].featureKey", "usage_based_price_with_feature_and_no_meter")
    assert (answer.status, issues(answer)) == (400, [*kept, no_meter])


def test_a_feature_that_was_archived_since_keeps_a_draft_from_being_published(app: Application) -> None:
    draft = created(app, phase(usage()))
    ask(app, "DELETE", "/api/v1/features/calls")
    path = "$.phases[?(@.key=='main')].rateCards[?(@.key=='calls')].featureKey"
    assert issues(act(app, draft, "publish")) == [(path, "rate_card_feature_not_found")]
    ask(app, "POST", "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    assert act(app, draft, "publish").status == 400
    assert ask(app, "PUT", f"{PLANS}/{draft['id']}", plan(phase(usage()))).status == 200
    assert act(app, draft, "publish").status == 200


def test_a_feature_of_a_plan_in_force_is_not_archived(app: Application) -> None:
    draft = created(app, phase(usage()))
    act(app, draft, "publish")
    feature = ask(app, "GET", "/api/v1/features/calls").json
    answer = ask(app, "DELETE", "/api/v1/features/calls")
    assert (answer.status, answer.json["detail"]) == (
        400,
        f"forbidden for feature {feature['id']}: feature is referenced by active plan, it cannot be archived",
    )
    act(app, draft, "archive")
    assert ask(app, "DELETE", "/api/v1/features/calls").status == 204


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (
            usage(entitlementTemplate={"type": "metered", "issueAfterReset": 1, "usagePeriod": "PT1M"}),
            "entitlement_template_usage_period_less_then_an_hour",
        ),
        (usage(discounts={"usage": {"quantity": "-1"}}), "usage_discount_negative_quantity"),
    ],
)
def test_some_warnings_refuse_even_a_draft(app: Application, card: Body, code: str) -> None:
    draft = created(app)
    for method, target in (("POST", PLANS), ("PUT", f"{PLANS}/{draft['id']}")):
        answer = ask(app, method, target, plan(phase(card), key="other"))
        assert (answer.status, [found for _, found in issues(answer)]) == (400, [code])
    assert ask(app, "GET", f"{PLANS}/{draft['id']}").json == draft


def test_tax_codes_are_made_once_and_found_by_id(app: Application) -> None:
    def taxed(**config: Any) -> Any:
        return created(app, phase(flat(taxConfig=config)), key=f"k{len(ask(app, 'GET', PLANS).json['items'])}")

    def config(of: Any) -> Any:
        return of["phases"][0]["rateCards"][0]["taxConfig"]

    first = config(taxed(stripe={"code": "txcd_10000000"}))
    assert set(first) == {"stripe", "taxCodeId"}
    assert config(taxed(stripe={"code": "txcd_10000000"})) == first
    assert config(taxed(taxCodeId=first["taxCodeId"], stripe={"code": "txcd_99999999"})) == first
    answer = ask(app, "POST", PLANS, plan(phase(flat(taxConfig={"taxCodeId": UNKNOWN})), key="x"))
    assert answer.json["detail"] == f"validation error: tax code {UNKNOWN} not found"


def test_a_refused_plan_leaves_no_tax_code(app: Application) -> None:
    before = app.store.records.all("tax_code")
    taxed = flat(taxConfig={"stripe": {"code": "txcd_10000000"}})
    ask(app, "POST", PLANS, plan(phase(taxed, key="one", duration="P1M"), phase(usage("none"), key="two")))
    assert app.store.records.all("tax_code") == before


def test_a_page_of_plans_newest_first(app: Application) -> None:
    keys = [f"k{number}" for number in range(5)]
    for key in keys:
        created(app, key=key)
    page = ask(app, "GET", f"{PLANS}?page=2&pageSize=2").json
    assert ([found["key"] for found in page["items"]], page["totalCount"]) == (["k2", "k1"], 5)
    listed = ask(app, "GET", f"{PLANS}?key=k1&keyVersion[k3][0]=1&order=ASC").json["items"]
    assert [found["key"] for found in listed] == ["k1", "k3"]


@pytest.mark.parametrize("action", ["publish", "archive"])
def test_plans_that_are_not_there(app: Application, action: str) -> None:
    answers = [ask(app, "POST", f"{PLANS}/{UNKNOWN}/{action}"), ask(app, "DELETE", f"{PLANS}/{UNKNOWN}")]
    answers.append(ask(app, "PUT", f"{PLANS}/{UNKNOWN}", plan()))
    for answer in answers:
        text = f"not found error: plan not found. [namespace=default id={UNKNOWN}]"
        assert (answer.status, answer.json["detail"]) == (404, text)
