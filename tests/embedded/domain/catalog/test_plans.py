"""Plans: what is kept of a body, what is wrong with it, and what may be done in which status."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.embedded.domain.catalog import plans
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound
from tests.embedded.domain.catalog.examples import Body, flat, phase, plan, usage

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ACTIVE = {"effectiveFrom": "2025-01-01T00:00:00Z"}
ARCHIVED = {**ACTIVE, "effectiveTo": "2025-02-01T00:00:00Z"}
FIRST, SECOND = "phases[?(@.key=='one')]", "phases[?(@.key=='two')]"


def places(body: Body) -> list[tuple[str, str]]:
    return [(issue.field, issue.code) for issue in plans.issues_of(plans.read_new(body))]


def two(first: str | None, second: str | None = None) -> Body:
    return plan(phase(flat(), key="one", duration=first), phase(flat(), key="two", duration=second))


@pytest.mark.parametrize(
    ("body", "issues"),
    [
        (plan(), []),
        (two("P1M"), []),
        (two(None), [(f"{FIRST}.duration", "plan_has_non_last_phase_with_no_duration")]),
        (two("P1M", "P1M"), [(f"{SECOND}.duration", "plan_has_last_phase_with_duration")]),
        (two("PT59M"), [(f"{FIRST}.duration", "plan_phase_duration_less_then_an_hour")]),
        (
            two("-P1M"),
            [
                (f"{FIRST}.duration", "plan_phase_with_negative_duration"),
                (f"{FIRST}.duration", "plan_phase_duration_less_then_an_hour"),
            ],
        ),
        (plan(phase()), [("phases[?(@.key=='main')].rateCards", "plan_phase_has_no_rate_cards")]),
        (
            plan(phase(flat(billingCadence="P1W"), usage(billingCadence="P4W", price=None), key="one")),
            [(f"{FIRST}.rateCards[?(@.key=='fee')].billingCadence", "rate_card_billing_cadence_unaligned")],
        ),
        (plan(phase(flat(billingCadence=None), key="one"), billingCadence="P4W"), []),
    ],
)
def test_warnings_stay_with_a_draft(body: Body, issues: list[tuple[str, str]]) -> None:
    assert places(body) == issues


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (plan(billingCadence="P2M"), "billingCadence", "plan_billing_cadence_invalid"),
        (plan(billingCadence="P1M1D"), "billingCadence", "plan_billing_cadence_invalid"),
        (
            plan(phase(flat(), duration="P1M"), phase(flat())),
            "phases[?(@.key=='main')].key.key",
            "plan_phase_duplicated_key",
        ),
    ],
)
def test_critical_issues_refuse_a_draft(body: Body, field: str, code: str) -> None:
    with pytest.raises(IssuesFound) as refused:
        plans.read_new(body)
    assert refused.value.detail == "invalid plan"
    assert [(issue.field, issue.code) for issue in refused.value.issues] == [(field, code)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (plan(currency="ABC"), "invalid CurrencyCode: invalid fiat currency code: ABC"),
        (plan(billingCadence=""), "invalid BillingCadence: failed to parse duration '': cannot parse a blank"),
        (two("x"), "failed to cast PlanPhase: validation error: invalid duration: failed to cast to period: failed"),
        (
            plan(phase(flat(billingCadence="x"))),
            "failed to cast PlanPhase: failed to cast ratecard: failed to cast Flat",
        ),
    ],
)
def test_what_cannot_be_read_refuses_a_new_plan_with_its_place(body: Body, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        plans.read_new(body)
    assert refused.value.detail.startswith(f"failed to create plan request: {reason}")


def test_a_cadence_of_nothing_is_refused_in_one_text() -> None:
    with pytest.raises(Invalid) as refused:
        plans.read_new(plan(billingCadence="P0D"))
    assert refused.value.detail.splitlines() == [
        "invalid plan: validation error: validation error: invalid BillingCadence: must not be empty",
        "billing cadence must be one of the following: P1W, P2W, P4W, P1M, P3M, P6M, P12M, P1Y",
        "ratecards with prices must have compatible billing cadence",
    ]


def test_an_update_refuses_what_is_no_phase_duration_and_fails_on_other_durations() -> None:
    with pytest.raises(Invalid, match=r"^invalid duration: failed to cast to period"):
        plans.read_update(two("x"))
    with pytest.raises(Invalid, match=r"^invalid billingCadence: failed to parse"):
        plans.read_update(plan(billingCadence="x"))
    with pytest.raises(InternalFailure):
        plans.read_update(plan(phase(flat(billingCadence="x"))))


def test_an_update_tells_criticals_of_cards_without_their_phase() -> None:
    with pytest.raises(IssuesFound) as refused:
        plans.read_update(plan(phase(flat(), flat())))
    assert [issue.field for issue in refused.value.issues] == ["ratecards[?(@.key=='fee')].key"]


def test_an_update_keeps_what_it_does_not_name_but_the_pro_rating() -> None:
    off = {"enabled": False, "mode": "prorate_prices"}
    before = plans.read_new(
        plan(description="d", metadata={"a": "1"}, settlementMode="credit_only", proRatingConfig=off)
    )
    changes = plans.read_update({"name": "New", "billingCadence": "", "phases": plan()["phases"], "metadata": None})
    after = plans.updated(before | {"id": "1"}, changes, now="later")
    kept = ("description", "metadata", "settlementMode", "billingCadence", "key", "currency")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["name"], after["updatedAt"]) == ("New", "later")
    assert after["proRatingConfig"] == {"enabled": True, "mode": "prorate_prices"}


def test_an_update_checks_the_plan_as_a_whole() -> None:
    before = plans.read_new(plan())
    changes = plans.read_update(plan(phase(flat(), duration="P1M"), phase(flat())))
    with pytest.raises(IssuesFound):
        plans.updated(before, changes, now="later")


CHANGES = ("updated", "published", "archived", "deleted")
POSSIBLE = {"draft": {"updated", "published", "deleted"}, "active": {"archived"}, "archived": {"deleted"}}


@pytest.mark.parametrize(("period", "status"), [({}, "draft"), (ACTIVE, "active"), (ARCHIVED, "archived")])
def test_the_status_says_what_may_be_done(period: dict[str, str], status: str) -> None:
    for change in CHANGES:
        if change in POSSIBLE[status]:
            plans.check(period, change, NOW)
            continue
        with pytest.raises(Invalid, match=f"{status} state$"):
            plans.check(period, change, NOW)


def test_what_was_deleted_is_not_published() -> None:
    with pytest.raises(Invalid) as refused:
        plans.check_not_deleted({"id": "1", "deletedAt": "2025-01-02T03:04:05.5Z"}, "default")
    assert refused.value.detail == (
        "cannot publish a deleted Plan [namespace=default, id=1 deleted_at=2025-01-02 03:04:05.5 +0000 UTC]"
    )


def test_the_next_version_takes_the_content_and_nothing_else() -> None:
    content = plans.read_new(plan(description="d", metadata={}))
    stored: dict[str, Any] = {"id": "1", "version": 3, "createdAt": "t", "updatedAt": "t", "deletedAt": "t", **ARCHIVED}
    assert plans.copied(stored | content) == content


def test_a_plan_is_shown_with_status_and_issues() -> None:
    stored = plans.read_new(plan(phase(usage(), key="one", duration="P1M"))) | ACTIVE
    stored["phases"][0]["rateCards"][0]["featureId"] = "1"
    shown = plans.shown(stored, NOW)
    assert shown["status"] == "active"
    assert [issue["field"] for issue in shown["validationErrors"]] == [f"$.{FIRST}.duration"]
    assert "featureId" not in shown["phases"][0]["rateCards"][0]
    assert plans.shown(plans.read_new(plan()), NOW)["validationErrors"] is None
